import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    // every file may start processes and databases of its own
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // one process for many files: what the first has loaded and warmed up serves the others
    isolate: false,
    allowOnly: false,
  },
});
