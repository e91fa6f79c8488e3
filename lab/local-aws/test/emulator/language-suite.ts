import { describe, expect, it } from 'vitest';
import { emulatorCloud } from '../step-functions/emulators.ts';
import { judge } from '../step-functions/judge.ts';
import { runTable } from '../step-functions/run-row.ts';
import { TABLE } from '../step-functions/table.ts';
import type { World } from './world.ts';

/** The machine has two cores, and each function is a process. */
const ROWS_AT_A_TIME = 4;

/** The rows of docs/internals/step-functions.md that take no seconds; `npm run test:full` has them all. */
export function describeLanguage(world: () => World): void {
  describe('the Amazon States Language', () => {
    it("is AWS's in every quick row of the table", async () => {
      const quick = TABLE.filter(({ slow }) => !slow);
      const results = await runTable(quick, emulatorCloud(world()), ROWS_AT_A_TIME);
      const { problems, report } = judge('default emulator', results);
      expect(problems).toEqual([]);
      expect(report).toMatchObject({ agree: quick.length, notRun: 0 });
    });
  });
}
