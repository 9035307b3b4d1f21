import type { Command } from './command.ts';
import { explain } from './sigma-explain.ts';
import { lint } from './sigma-lint.ts';
import { match } from './sigma-match.ts';
import { test } from './sigma-test.ts';

/** `tenantwatch sigma match|explain|lint|test`: tools for rule authors. Need no configuration and no tenant. */
export const command: Command = {
  name: 'sigma',
  summary: 'tries, explains and checks Sigma rules',
  children: [match, explain, lint, test],
};
