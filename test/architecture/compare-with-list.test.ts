import { expect, it } from 'vitest';
import { compareWithList } from './compare-with-list.ts';

it.each([
  ['as listed', { 'a.ts': 260 }, { 'a.ts': 260 }, []],
  ['new', { 'a.ts': 251 }, {}, ['a.ts has 251: split it, the list of exceptions only shrinks']],
  ['longer', { 'a.ts': 261 }, { 'a.ts': 260 }, ['a.ts grew from 260 to 261: split it']],
  ['shorter', { 'a.ts': 259 }, { 'a.ts': 260 }, ['a.ts shrank from 260 to 259: write 259 into the list']],
  ['within the limit', {}, { 'a.ts': 260 }, ['a.ts keeps within the limit or has gone: remove it from the list']],
])('an exception that is %s', (_, found, listed, differences) => {
  expect(compareWithList(found, listed)).toEqual(differences);
});
