import { defineConfig } from 'vitest/config';
import { FULL } from './test/e2e/full-run.ts';
import { filesForEachEngine } from './test/files-for-each-engine.ts';
import LastFileSequencer from './test/last-file-sequencer.ts';
import { filesWithOwnProcess } from './test/own-process.ts';

const OWN_PROCESS = filesWithOwnProcess();
// As with scenarios, `npm run test:full` alone goes through the longest ones.
const NOT_RUN = ['test/e2e/**', 'node_modules/**', ...(FULL ? [] : ['{test,lab}/**/*.full.test.ts'])];

/** What tests that are quick and by themselves share. */
const PARTS = {
  // As many as the smallest machine has cores.
  maxWorkers: 2,
  // A process for each of hundreds of files would load the same modules again and again: as much work as the tests themselves.
  isolate: false,
  setupFiles: ['test/infra/without-bundles.ts'],
  // Whole assemblies are synthesized, next to the scenarios, which come first, and on machines that do other work too: ten times as long
  // as alone was measured.
  testTimeout: 300_000,
  hookTimeout: 300_000,
};

/** Everything that is quick and by itself; what holds on each store engine, on the other one; the scenarios that share one local cloud. */
export default defineConfig({
  test: {
    sequence: { sequencer: LastFileSequencer },
    // The summary of a run has the first line of a failure, and in it what was compared.
    chaiConfig: { truncateThreshold: 400 },
    projects: [
      {
        test: {
          name: 'parts',
          include: ['{test,lab}/**/*.test.ts'],
          exclude: [...NOT_RUN, ...OWN_PROCESS],
          globalSetup: ['test/infra/kept-syntheses.ts'],
          ...PARTS,
        },
      },
      {
        test: {
          name: 'parts-alone',
          include: OWN_PROCESS,
          exclude: NOT_RUN,
          globalSetup: ['test/infra/kept-syntheses.ts'],
          ...PARTS,
          isolate: true,
        },
      },
      {
        test: {
          name: 'other-engine',
          include: filesForEachEngine(),
          env: { HOLDFAST_TEST_ENGINE: 'other' },
          ...PARTS,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // Scenarios that `npm run test:full` alone goes through, and `npm test -- PATTERN` when it names them.
          exclude: FULL ? [] : ['test/e2e/**/*.full.test.ts'],
          globalSetup: ['test/e2e/kept-cloud.ts'],
          setupFiles: ['test/e2e/note-file.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          isolate: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
