import { expect, it } from 'vitest';
import { awaitData } from '../await-data.ts';
import { countData } from '../check-monitoring.ts';
import { type Checked, checkedPanel, checkedRule } from '../checked-queries.ts';

const all: readonly Checked[] = [
  { kind: 'rule', name: 'A', queries: ['zero'] },
  { kind: 'rule', name: 'B', queries: ['zero', 'nothing'] },
  { kind: 'panel', name: 'A', queries: ['nan'] },
  { kind: 'panel', name: 'C', queries: ['late'] },
];

it('counts a rule or panel only when each of its queries gave a number once', async () => {
  let asked = 0;
  const values = async (query: string) => {
    if (query === 'late') return asked++ === 0 ? [] : [1];
    return { zero: [0], nan: [Number.NaN], nothing: [] }[query] ?? [];
  };
  const missing = await awaitData(all, values, performance.now() + 600);
  expect(missing).toEqual([
    { kind: 'rule', name: 'B', query: 'nothing' },
    { kind: 'panel', name: 'A', query: 'nan' },
  ]);
  expect(countData(all, missing)).toEqual({ rules: 2, rulesWithData: 1, panels: 2, panelsWithData: 1 });
});

it('ends with the words of a server that refuses a query', async () => {
  const refuse = () => Promise.reject(new Error('parse error'));
  await expect(awaitData(all, refuse, performance.now() + 60_000)).rejects.toThrow('parse error');
});

it('takes an alert without its comparison, and a recorded rule as it is', () => {
  expect(checkedRule({ alert: 'Full', expr: 'a > 1' })).toEqual({ kind: 'rule', name: 'Full', queries: ['a'] });
  expect(checkedRule({ record: 'limit', expr: 'a > 0' })).toEqual({ kind: 'rule', name: 'limit', queries: ['a > 0'] });
});

it('refuses a panel that asks nothing, and a variable that it cannot fill', () => {
  expect(() => checkedPanel({ title: 'Empty', type: 'stat', targets: [] })).toThrow('panel Empty has no query');
  expect(() => checkedPanel({ title: 'P', type: 'stat', targets: [{ expr: 'a{b="$unknown"}' }] })).toThrow('does not know this variable');
  expect(checkedPanel({ title: 'P', type: 'stat', targets: [{ expr: 'rate(a{store=~"$store"}[$__rate_interval])' }] }).queries).toEqual([
    'rate(a{store=~".*"}[1m])',
  ]);
});
