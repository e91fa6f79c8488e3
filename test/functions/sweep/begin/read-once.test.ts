import { expect, it } from 'vitest';
import { readOnce } from '../../../../functions/sweep/begin/sample-store.ts';
import { UNREAD } from '../../../../functions/sweep/keys/read-expiry.ts';
import type { FoundValue, ValueRequest } from '../../../../functions/sweep/store/sweep-store.ts';

const key = Buffer.from('sess:1');
const value = (text: string) => Buffer.from(text);

it('reads each text and each field once, and gives every reader what it asked for', async () => {
  const asked: ValueRequest[] = [];
  const stored: Record<string, string> = { a: '1', b: '2' };
  const text = { start: value('{}'), isWhole: true };
  const read = readOnce(async (wanted) => {
    asked.push(...wanted);
    return wanted.map(({ fields = [], longFields = [], text: asksText }): FoundValue => {
      const own = fields.flatMap((name) => (stored[name] === undefined ? [] : [[name, value(stored[name])] as const]));
      const long = longFields.filter(({ name }) => name in stored).map(({ name }) => [name, UNREAD] as const);
      return { fields: Object.fromEntries([...long, ...own]), ...(asksText && { text }) };
    });
  });
  expect(await read([{ key, fields: ['a', 'none'] }])).toEqual([{ fields: { a: value('1') } }]);
  expect(await read([{ key, fields: ['a', 'b'], longFields: [{ name: 'a' }], text: true }])).toEqual([
    { fields: { a: value('1'), b: value('2') }, text },
  ]);
  expect(await read([{ key, fields: ['none', 'b'], text: true }, { key: Buffer.from('sess:2') }])).toEqual([
    { fields: { b: value('2') }, text },
    { fields: {} },
  ]);
  expect(asked).toEqual([
    { key, fields: ['a', 'none'], longFields: [], text: false },
    { key, fields: ['b'], longFields: [], text: true },
  ]);
});
