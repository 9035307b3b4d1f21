import type { CommandEntry } from './command.ts';

/** Every command, in the order of `--help`. Name and summary are those of the command itself; a test compares. */
export const commands: readonly CommandEntry[] = [
  entry('run', 'runs the service until it is stopped', () => import('./run.ts')),
  entry('collect', 'reads every source of Microsoft 365 now', () => import('./collect.ts')),
  entry('detect', 'judges what was read: rules on events, checks on state', () => import('./detect.ts')),
  entry(
    'digest',
    'writes the weekly reports that are due into the outbox, or shows one',
    () => import('./digest.ts'),
  ),
  entry('deliver', 'sends the mails that wait in the outbox', () => import('./deliver.ts')),
  entry('status', 'says what was read, when, and what could not be seen', () => import('./status.ts')),
  entry('coverage', 'shows what was seen, hour by hour and source by source', () => import('./coverage.ts')),
  entry('alerts', 'lists, shows and closes alerts', () => import('./alerts.ts')),
  entry('suppress', 'records expected things, with a reason and an end', () => import('./suppress.ts')),
  entry(
    'detections',
    'lists the detections, runs their cases, imports rules',
    () => import('./detections.ts'),
  ),
  entry('sigma', 'tries, explains and checks Sigma rules', () => import('./sigma.ts')),
  entry(
    'doctor',
    'tries everything a tenant needs and says what is lost without it',
    () => import('./doctor.ts'),
  ),
  entry(
    'demo',
    'watches a simulated Microsoft 365 for a week and mails the digest',
    () => import('./demo.ts'),
  ),
  entry('config', 'shows the configuration, without secrets', () => import('./config.ts')),
  entry('simulate', 'starts a simulated Microsoft 365', () => import('./simulate.ts')),
];

function entry(name: string, summary: string, load: CommandEntry['load']): CommandEntry {
  return { name, summary, load };
}
