import { beforeAll, expect, it } from 'vitest';
import { runOnDefaultEmulator } from './emulators.ts';
import { judge } from './judge.ts';
import type { RowResult } from './run-row.ts';
import { TABLE } from './table.ts';

let results: readonly RowResult[];
beforeAll(async () => {
  results = await runOnDefaultEmulator(TABLE);
}, 600_000);

it.each(TABLE.map(({ name }, index) => [name, index] as const))('%s is in the default emulator as the table says', (_, index) => {
  const result = results[index] as RowResult;
  expect(result.result, JSON.stringify(result)).not.toBe('not run');
  expect(judge('default emulator', [result]).problems).toEqual([]);
});
