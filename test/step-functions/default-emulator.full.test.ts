import { beforeAll, expect, it } from 'vitest';
import { runOnDefaultEmulator } from './default-emulator.ts';
import { judge } from './judge.ts';
import type { RowResult } from './run-row.ts';
import { TABLE } from './table.ts';

let results: readonly RowResult[];

beforeAll(async () => {
  results = await runOnDefaultEmulator(TABLE);
}, 240_000);

it.each(TABLE.map(({ name }, index) => [name, index] as const))('the default emulator does what AWS does: %s', (_, index) => {
  const result = results[index] as RowResult;
  expect(result.result, JSON.stringify(result)).not.toBe('not run');
  expect(judge('default emulator', [result]).problems).toEqual([]);
});
