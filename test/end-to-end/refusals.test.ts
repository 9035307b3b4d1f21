import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesOf, openStage, type Refusal } from './refusal.ts';
import { refusalsAtHome } from './refusals-at-home.ts';
import { refusalsOfGraph } from './refusals-of-graph.ts';
import { refusalsOfTokens } from './refusals-of-tokens.ts';
import { startSimulated, type Simulated } from './simulated.ts';

let simulated: Simulated;

beforeAll(async () => {
  simulated = await startSimulated(0);
});

afterAll(async () => {
  await simulated?.stop();
});

async function refuse(refusal: Refusal): Promise<void> {
  const stage = openStage(simulated, refusal);
  try {
    await refusal.arrange?.(stage);
    const run = await stage.run(refusal.argv ?? ['collect']);
    const lines = linesOf(run, stage);
    expect(run.code).toBe(refusal.exit);
    for (const line of refusal.says) {
      expect(lines).toContainEqual(typeof line === 'string' ? line : expect.stringMatching(line));
    }
    await refusal.after?.(stage);
  } finally {
    await simulated.clearFaults();
    await simulated.mailServer('up');
    if (refusal.restore) await simulated.change(stage.tenant, refusal.restore);
  }
}

describe('what is refused is told in one sentence with what to do', () => {
  test.each([...refusalsOfGraph, ...refusalsOfTokens, ...refusalsAtHome])('$name', refuse);
});
