#!/usr/bin/env node
// No static import: better-sqlite3 13 crashes Node 20 without a word, so the version is checked before anything loads.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `tenantwatch: start: Node ${process.versions.node} is too old; install Node 24 (22.13 is the oldest that works)\n`,
  );
  process.exitCode = 2;
} else {
  const { keepHeapSmall } = await import('./commands/small-heap.ts');
  keepHeapSmall();
  const { runProcess } = await import('./commands/main.ts');
  await runProcess();
}

export {};
