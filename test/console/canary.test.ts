import { expect, it } from 'vitest';
import { readCanaryView } from '../../console/canary.ts';
import { findRoute } from '../../console/routes.ts';
import { CANARY, results } from './shown-results.ts';

const NOW_MS = CANARY.turnedAtMs as number;

it('shows the last result of the canary, worst first, with why a finding matters', async () => {
  const { result } = await readCanaryView({ fleet: 'web', ...results }, NOW_MS);
  expect(result?.lines.map(({ finding, check }) => finding ?? check)).toEqual([
    'page-cacheable',
    'cookie-without-prefix',
    'foreign-id',
    'time-outs',
  ]);
  expect(result?.lines[0]).toMatchObject({ why: expect.stringContaining('proxy'), fix: { Express: expect.stringContaining('no-store') } });
  // What is accepted needs no fix.
  expect(result?.lines[1]).not.toHaveProperty('fix');
  expect(result?.summary).toEqual([
    '1 finding, all checks ran 1 h 00 m ago, 2 sessions kept, 1 vanished in the last day',
    'page-cacheable: the page of a user has max-age=60',
  ]);
});

it('shows what an earlier version has found, and this one has no words for', async () => {
  const gone = { ...(CANARY.lines[0] as (typeof CANARY.lines)[number]), finding: 'user-taken-from-cookie' as never };
  const { result } = await readCanaryView({ fleet: 'web', canary: async () => ({ ...CANARY, lines: [gone], timeOuts: [] }) }, NOW_MS);
  expect(result?.lines).toEqual([gone]);
});

it.each([
  [30, false],
  [31, true],
])('%i minutes after its last turn its results are old: %j', async (minutes, isOld) => {
  const { result } = await readCanaryView({ fleet: 'web', ...results }, NOW_MS + minutes * 60_000);
  expect(result).toMatchObject({ turnedAtMs: NOW_MS, isOld });
});

it('shows that there is none', async () => {
  expect(await readCanaryView({ fleet: 'web', canary: async () => undefined }, NOW_MS)).toEqual({ fleet: 'web' });
});

it('is read by a GET alone', () => {
  expect(findRoute('GET', 'canary')).toMatchObject({ names: [] });
  expect(findRoute('POST', 'canary')).toEqual({ allow: ['GET'] });
});
