// node .ci/count.js <vitest's JSON> <shared folder> <exit code of npm test>
// Prints the tests that failed or were skipped, then one last line `N passed, N failed, N skipped`.
import { existsSync, readFileSync } from 'node:fs';

const [results = '', sharedFolder = '', testsExit = '1'] = process.argv.slice(2);

function readFiles(path) {
  if (!existsSync(path)) return [{ name: 'vitest wrote no results', status: 'failed', assertionResults: [] }];
  return JSON.parse(readFileSync(path, 'utf8')).testResults;
}

const files = readFiles(results);
const tests = files.flatMap((file) => file.assertionResults);
const passed = tests.filter((test) => test.status === 'passed');
const failed = [
  ...tests.filter((test) => test.status === 'failed').map((test) => test.fullName),
  // A file that could not be loaded, or whose hook failed, has no failed test of its own.
  ...files
    .filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    )
    .map((file) => file.name),
];
const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.status));
const needsSharedFolder = (test) => /shared folder|SHARED_DIR/i.test(test.fullName);
const unexcused = skipped.filter((test) => existsSync(sharedFolder) || !needsSharedFolder(test));

const lines = [
  ...failed.map((name) => `failed: ${name}`),
  ...skipped.map((test) => `skipped${unexcused.includes(test) ? ' without need' : ''}: ${test.fullName}`),
  `${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`,
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = failed.length + unexcused.length > 0 || testsExit !== '0' || passed.length === 0 ? 1 : 0;
