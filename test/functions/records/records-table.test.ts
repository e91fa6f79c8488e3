import { expect, it } from 'vitest';
import type { DynamoCalls } from '../../../functions/records/dynamo-calls.ts';
import { createRecordsTable, type RecordKey, readLatest } from '../../../functions/records/records-table.ts';

const KEYS = ['a', 'b', 'c'].map((sk) => ({ pk: 'p', sk }));

/** A table that gives as many of the keys in each answer, and leaves the others unprocessed. */
function answering(...counts: readonly number[]) {
  const asked: string[][] = [];
  const batchGet = async ({ RequestItems }: { RequestItems: { table: { Keys: typeof KEYS } } }) => {
    const { Keys } = RequestItems.table;
    const given = counts[asked.length] ?? 0;
    asked.push(Keys.map(({ sk }) => sk));
    const Responses = { table: Keys.slice(0, given).map((key) => ({ ...key, name: key.sk })) };
    return { Responses, UnprocessedKeys: given < Keys.length ? { table: { Keys: Keys.slice(given) } } : {} };
  };
  return { table: createRecordsTable({ batchGet } as unknown as DynamoCalls, 'table'), asked };
}

it('asks again for what an answer has left out', async () => {
  const { table, asked } = answering(2, 0, 1);
  expect(await table.getEach(KEYS)).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
  expect(asked).toEqual([['a', 'b', 'c'], ['c'], ['c']]);
});

it('fails with what may be repeated when a table gives nothing more', async () => {
  const { table, asked } = answering(1);
  await expect(table.getEach(KEYS)).rejects.toMatchObject({
    name: 'TransientServiceError',
    message: expect.stringContaining('2 of 3 records were not read'),
  });
  expect(asked).toHaveLength(5);
});

it('asks nothing for no keys', async () => {
  const { table, asked } = answering();
  expect([await table.getEach([]), asked]).toEqual([[], []]);
});

it('reads a record once that has two starts, on one page or on two', async () => {
  const pages = [
    ['a', 'b', 'a'],
    ['b', 'c'],
  ];
  const table = {
    queryBackwards: async function* <T>() {
      for (const page of pages) yield page.map((id) => ({ id }) as T);
    },
    async getEach<T>(keys: readonly RecordKey[]) {
      expect(new Set(keys.map(({ sk }) => sk)).size, 'DynamoDB refuses duplicates').toBe(keys.length);
      return keys.map(({ sk }) => ({ sk, startedAtMs: 100 - sk.charCodeAt(0) }) as T);
    },
  };
  const keyOf = ({ id }: { id: string }) => ({ pk: 'p', sk: id });
  const latest = await readLatest<{ id: string }, { sk: string; startedAtMs: number }>(table, { pk: 'p', sk: 'START#' }, keyOf, 3);
  expect(latest.map(({ sk }) => sk)).toEqual(['a', 'b', 'c']);
});
