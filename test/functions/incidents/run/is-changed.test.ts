import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { Cause, Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import { explainedBy, isChanged } from '../../../../functions/incidents/run/judge-recheck.ts';
import { CASES } from '../classify/cases.ts';
import { evidence as evidenceOf } from '../healthy-evidence.ts';

const cause = (name: Cause): Finding => ({
  ...{ verdict: 'cause', cause: name, confidence: 'certain', sentence: '', sinceMs: 0, because: [], wouldRefute: [], also: [] },
});
const UNKNOWN: Finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] };
const NOTHING: Finding = { verdict: 'nothing', because: [], missing: [] };
/** Every source gave nothing. */
const blind = (evidence: Evidence): Evidence => ({ ...evidence, sources: {} });
const down = CASES.find((one) => one.cause === 'store-down');
const healthy = evidenceOf();

describe('what a re-check shows changes a finding', () => {
  it.each<[string, boolean, Finding | undefined, Finding, Evidence]>([
    ['when there was none', true, undefined, cause('store-down'), healthy],
    ['when the cause was unknown', true, UNKNOWN, cause('store-down'), healthy],
    ['when there was no trouble', true, NOTHING, cause('store-down'), healthy],
    ['not when it is the same cause', false, cause('store-down'), cause('store-down'), healthy],
    [
      'not when it is likely now and was certain',
      false,
      cause('store-down'),
      { ...cause('store-down'), confidence: 'likely' } as Finding,
      healthy,
    ],
    ['not when it shows nothing more', false, UNKNOWN, UNKNOWN, healthy],
    ['not by evidence that is missing', false, cause('store-down'), UNKNOWN, blind(healthy)],
    [
      'not by another cause while evidence about the first is missing',
      false,
      cause('store-down'),
      cause('server-partitioned'),
      blind(healthy),
    ],
    ['not by no trouble while evidence about the cause is missing', false, cause('store-down'), NOTHING, blind(healthy)],
    ['by another cause once the evidence is against the first', true, cause('store-down'), cause('server-partitioned'), healthy],
    ['by no trouble once the evidence is against the cause', true, cause('store-down'), NOTHING, healthy],
    ['by a cause that explains the same better', true, cause('server-partitioned'), cause('store-down'), blind(healthy)],
    ['not by an unknown cause after no trouble', false, NOTHING, UNKNOWN, healthy],
  ])('%s', (_, expected, known, seen, evidence) => {
    expect(isChanged(known, seen, evidence)).toBe(expected);
  });

  it('not by a second cause while the first one holds', () => {
    const evidence = down?.planted as Evidence;
    expect(classify(evidence, 'store-failure')).toMatchObject({ cause: 'store-down' });
    expect(isChanged(cause('store-down'), cause('store-refuses'), evidence)).toBe(false);
  });
});

describe('an open incident of the store explains', () => {
  const STORE = { incidentId: 'inc-000000000009', runbook: 'store-failure' } as const;
  it.each<[string, string | undefined, Finding, Parameters<typeof explainedBy>[2]]>([
    ['users who are logged out by it', STORE.incidentId, cause('store-connection-failures'), [{ ...STORE, finding: cause('store-down') }]],
    ['them also before its own cause is known', STORE.incidentId, cause('store-connection-failures'), [STORE]],
    ['what has no cause of its own', STORE.incidentId, UNKNOWN, [{ ...STORE, finding: cause('store-down') }]],
    ['nothing unknown while it is unknown itself', undefined, UNKNOWN, [{ ...STORE, finding: UNKNOWN }]],
    ['nothing that has a cause of its own', undefined, cause('stickiness-off'), [{ ...STORE, finding: cause('store-down') }]],
    ['nothing when it found no trouble', undefined, cause('store-connection-failures'), [{ ...STORE, finding: NOTHING }]],
    [
      'nothing when it is closed',
      undefined,
      cause('store-connection-failures'),
      [{ ...STORE, finding: cause('store-down'), closedAtMs: 1 }],
    ],
    ['nothing when it is a dry run', undefined, cause('store-connection-failures'), [{ ...STORE, dryRun: true }]],
    ['nothing without one', undefined, cause('store-connection-failures'), []],
  ])('%s', (_, expected, finding, stores) => {
    expect(explainedBy(finding, null, stores)).toBe(expected);
  });
});
