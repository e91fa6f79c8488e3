/** What people read first is whole: a figure has what it is a part of and what is usual, and a sentence says what users get. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { Cause, Runbook } from '../../../../functions/incidents/contract/causes.ts';
import { type Evidence, factsOf } from '../../../../functions/incidents/contract/evidence.ts';
import { shownOf } from '../../../../functions/incidents/trouble/sentences.ts';
import { troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { CASES } from '../classify/cases.ts';
import { evidence, minutesWith, readingWith } from '../healthy-evidence.ts';

const shown = (planted: Evidence) => shownOf(troubleOf(planted), planted).map(({ text }) => text);
const planted = (name: Cause): Evidence => CASES.find(({ cause }) => cause === name)?.planted ?? evidence();
const found = (of: Evidence, runbook: Runbook) => {
  const finding = classify(of, runbook);
  if (finding.verdict !== 'cause') throw new Error(`found ${finding.verdict}`);
  return finding;
};
/** With what the load balancer's minutes have of them since five minutes before the sign. */
const withMinutes = (of: Evidence, counts: object): Evidence => {
  const { traffic } = evidence({ traffic: minutesWith(5, counts) }).sources;
  return { ...of, sources: { ...of.sources, ...(traffic && { traffic }) } };
};

describe('a figure has what it is a part of, and what is usual', () => {
  it.each<[string, Evidence, RegExp]>([
    [
      'sign-ins',
      evidence({ traffic: minutesWith(5, { authErrors: 20 }) }),
      /^\d+ % of the requests \(\d+ of [\d,]+; usually 0 %\) are sign-ins by the load balancer that fail/,
    ],
    [
      'deleted keys',
      evidence({ readings: readingWith({ evictions: 120, keys: 6_000 }) }),
      /^the store deleted 2 % of the keys \(120 of 6,000\) in a minute/,
    ],
  ])('%s', (_, of, sentence) => {
    expect(shown(of)).toContainEqual(expect.stringMatching(sentence));
  });
});

describe('what users get', () => {
  it.each([
    ['errors, where servers answer with these', { target5xx: 40 }, /^Users get errors because servers cannot read or write their sessions/],
    ['a login, where they are redirected', { target3xx: 45 }, /^Users are logged out because servers cannot read or write their sessions/],
  ])('%s', (_, counts, sentence) => {
    expect(found(withMinutes(planted('store-connection-failures'), counts), 'logged-out').sentence).toMatch(sentence);
  });
});

it('servers that are a few minutes old cannot say that it was so for an hour', () => {
  const old = planted('timeout-too-short');
  const lines = (of: Evidence) => shown(of).filter((line) => line.includes('were lost'));
  expect(lines(old)).toEqual([expect.stringMatching(/, for an hour at least/)]);
  const servers = factsOf(old, 'servers')?.servers ?? [];
  const fromMs = old.toMs - 3 * 60_000;
  const young = servers.map((server) => ({ ...server, ...(server.access && { access: { ...server.access, fromMs } }) }));
  const of = { ...old, sources: { ...old.sources, ...evidence({ servers: { servers: young } }).sources } };
  expect(lines(of)).toEqual([
    expect.stringContaining(`, since the servers' logs begin at ${new Date(fromMs).toISOString().slice(11, 16)} UTC`),
  ]);
});
