/**
 * Evidence that runbooks collected for real, each with what it was: `npm run bench:incidents -- --record FOLDER` writes it to
 * test/functions/incidents/recorded. A cause that is found has to be the one that was planted; an honest `unknown` is right
 * wherever the bundle does not say that its cause must be found. Those that say `what` it was were written from incidents behind load
 * balancers elsewhere, with what is right to say of each, before a runbook had seen them.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import type { Runbook } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import { MITIGATIONS } from '../../../../functions/incidents/contract/mitigations.ts';
import { printedIncident } from '../printed-incident.ts';

interface Bundle {
  readonly runbook: Runbook;
  /** A cause, `nothing` or `unknown`; several where any of them is right. */
  readonly expect: string | readonly string[];
  /** What it was, of those that were written. */
  readonly what?: string;
  /** It can be certain. @default false of those that were written */
  readonly certain?: true;
  /** Causes that must not be named, neither first nor as well. */
  readonly never?: readonly string[];
  /** Expressions that the message and the page have to have, or must not have. */
  readonly says?: readonly string[];
  readonly saysNot?: readonly string[];
  readonly evidence: Evidence;
}

interface Shares {
  readonly minutes?: number;
  readonly requests: number;
  readonly redirectPercent: number;
  readonly clientErrorPercent: number;
  readonly targetErrorPercent: number;
  readonly balancerErrorPercent: number;
}
/** Most were collected while a run had but the shares of the trouble's minutes and of those before: each minute has as many. */
function byMinutes(bundle: Bundle): Bundle {
  const { traffic } = bundle.evidence.sources;
  const facts = traffic && 'facts' in traffic ? traffic.facts : {};
  const { now, before, byMinute } = facts as { now?: Shares; before?: Shares | null; byMinute?: unknown };
  if (byMinute !== undefined || now === undefined) return bundle;
  const sinceMs = Math.floor(bundle.evidence.firstSignMs / 60_000) * 60_000 - 300_000;
  const minutesOf = (shares: Shares, fromMs: number, count: number) =>
    Array.from({ length: count }, (_, at) => {
      const all = shares.requests / Math.max(1, shares.minutes ?? count);
      const elb5xx = (all * shares.balancerErrorPercent) / 100;
      const part = (percent: number) => ((all - elb5xx) * percent) / 100;
      const counts = { target3xx: part(shares.redirectPercent), target4xx: part(shares.clientErrorPercent) };
      const none = { elb3xx: 0, elb4xx: 0, authErrors: 0, authFailures: 0 };
      return {
        minuteMs: fromMs + at * 60_000,
        requests: all - elb5xx,
        ...counts,
        target5xx: part(shares.targetErrorPercent),
        elb5xx,
        ...none,
      };
    });
  const minutes = [
    ...(before ? minutesOf(before, sinceMs - 3_300_000, 55) : []),
    ...minutesOf(now, sinceMs, Math.max(1, now.minutes ?? 5)),
  ];
  const sources = { ...bundle.evidence.sources, traffic: { ...traffic, facts: { byMinute: minutes } } } as Evidence['sources'];
  return { ...bundle, evidence: { ...bundle.evidence, sources } };
}

const FOLDER = path.resolve(import.meta.dirname, '../recorded');
const bundles = globSync('*.json', { cwd: FOLDER });
const bundleOf = (file: string) => byMinutes(JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Bundle);
const written = bundles.filter((file) => bundleOf(file).what !== undefined);

it.each(bundles)('%s is classified as what was planted', (file) => {
  const bundle = bundleOf(file);
  const finding = classify(bundle.evidence, bundle.runbook);
  expect([bundle.expect].flat()).toContain(finding.verdict === 'cause' ? finding.cause : finding.verdict);
});

/** Everything that may be done without a person. */
const ALL_AUTO = Object.fromEntries(MITIGATIONS.map((name) => [name, 'auto'])) as Record<string, 'auto'>;

it.each(written)('%s: nothing wrong is named, done or said', (file) => {
  const { evidence, runbook, certain, never = [], says = [], saysNot = [] } = bundleOf(file);
  const finding = classify(evidence, runbook);
  const isCertain = finding.verdict === 'cause' && finding.confidence === 'certain';
  expect(isCertain && !certain).toBe(false);
  const named = finding.verdict === 'cause' ? [finding.cause, ...finding.also] : [];
  for (const cause of never) expect(named).not.toContain(cause);
  const chosen = decide(finding, { modes: ALL_AUTO, fleets: ['web'], mitigations: {} });
  if (!isCertain) expect(chosen.filter(({ mode }) => mode === 'auto')).toEqual([]);
  const page = printedIncident(evidence, runbook).replaceAll(/\s+/g, ' ');
  for (const text of says) expect(page).toMatch(new RegExp(text));
  for (const text of saysNot) expect(page).not.toMatch(new RegExp(text));
});

/** What a bundle must not contain. It can name servers, resources and records, by ids and by hashes of 12 digits, and nothing of a user. */
const PRIVATE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["an express-session cookie's value", /\bs(?::|%3A)[\w-]{20,}/],
  ['a session id of the Node example', /"[\w-]{32}(?:\.[\w-]+)?"/],
  ['an address', /\b(?!127\.0\.0\.1\b)(?:\d{1,3}\.){3}\d{1,3}\b/],
  ['an e-mail address', /[\w.+-]+@[\w-]+\.[a-z]{2,}/i],
  ['a password', /(?:password|secret|token)"?\s*[:=]/i],
  ['a header', /(?:set-cookie|authorization)"?\s*:/i],
];

it.each(bundles)('%s has no session id, cookie, address or secret', (file) => {
  const text = readFileSync(path.join(FOLDER, file), 'utf8');
  for (const [what, pattern] of PRIVATE) expect(pattern.exec(text)?.[0], what).toBeUndefined();
});

it.each([
  ['"cookie": "s:Jx8aZk3Lm9QwErTyUiOpAsDfGhJkLzXc.sig"', 0],
  ['"id": "Jx8aZk3Lm9QwErTyUiOpAsDfGhJkLzXc.i-0123"', 1],
  ['10.0.3.17', 2],
  ['ann@example.com', 3],
  ['"password": "x"', 4],
  ['"Set-Cookie": "x"', 5],
])('%s would be found', (text, index) => {
  expect(PRIVATE[index]?.[1].test(text)).toBe(true);
});

it.each(bundles)(
  '%s is a page: what is wrong, then what to do, no call of AWS that changes anything but what Auto Scaling replaces',
  (file) => {
    const { evidence, runbook } = bundleOf(file);
    const [message = '', page = ''] = printedIncident(evidence, runbook)
      .split(/^===== .*\n/m)
      .slice(1);
    expect(message.trimEnd().length).toBeLessThanOrEqual(2_000);
    expect(page).toMatch(/^1\. /m);
    const steps = page.split(/^(?=\d+\. )/m).slice(1);
    const changing = steps.filter((step) =>
      /^ *aws \S+ (?!describe-|get-|list-|lookup-|(?:suspend|resume)-processes)/m.test(step.split('\n\n')[0] ?? ''),
    );
    expect(changing).toEqual([]);
  },
);
