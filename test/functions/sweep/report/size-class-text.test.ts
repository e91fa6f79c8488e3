import { expect, it } from 'vitest';
import { makeReport } from '../../../../functions/sweep/report/make-report.ts';
import { sizeClassText } from '../../../../functions/sweep/report/shown-texts.ts';
import { contextOf } from '../run-sweep.ts';

it.each([
  ['≤ 1024 B', '≤ 1 KiB'],
  ['≤ 65536 B', '≤ 64 KiB'],
  ['> 16777216 B', '> 16 MiB'],
  ['≤ 1073741824 B', '≤ 1 GiB'],
  ['≤ 1500 B', '≤ 1500 B'],
  ['≤ 0 B', '≤ 0 B'],
  ['unknown', 'unknown'],
])('%s is %s', (name, text) => {
  expect(sizeClassText(name)).toBe(text);
});

it('names every class of a report by a unit above bytes', () => {
  const texts = Object.keys(makeReport(contextOf({}), [], 0).sizes).map(sizeClassText);
  expect(texts.length).toBeGreaterThan(3);
  expect(new Set(texts).size).toBe(texts.length);
  for (const text of texts) expect(text).toMatch(/^[≤>] \d{1,3} [KM]iB$/);
});
