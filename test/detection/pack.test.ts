import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCases } from '../../src/detection/case-file.ts';
import { casesFileOf, runCases } from '../../src/detection/cases.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { lintDetection } from '../../src/detection/lint.ts';
import { detect } from '../../src/jobs/detect.ts';

const catalogue = await loadCatalogue();
const results = await runCases(catalogue, catalogue.detections, detect);

describe('the shipped detections', () => {
  it('load without a problem', () => {
    expect(catalogue.problems).toEqual([]);
    expect(catalogue.detections.map((one) => one.catalogue)).toEqual(
      expect.arrayContaining(['SI-02', 'SI-29', 'RL-01', 'RL-02', 'MB-01', 'MB-02', 'LC-11', 'LC-16']),
    );
  });

  it.each(catalogue.detections)('$catalogue $title is clean', async (detection) => {
    const file = casesFileOf(detection);
    const cases = parseCases(readFileSync(join(catalogue.folder, file), 'utf8'), file);
    expect(await lintDetection(detection, cases)).toEqual([]);
  });

  it.each(results)('$file:$line $name', ({ problems }) => {
    expect(problems).toEqual([]);
  });
});
