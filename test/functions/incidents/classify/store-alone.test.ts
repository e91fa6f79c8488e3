/** Evidence of each cause where no fleet is configured: what the store, its readings, sweeps and ElastiCache show of it. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { type Evidence, NO_FLEET, type Source } from '../../../../functions/incidents/contract/evidence.ts';
import { evidence } from '../healthy-evidence.ts';
import { CASES } from './cases.ts';

const OF_FLEETS: readonly Source[] = ['balancer', 'traffic', 'scaling', 'deploys', 'servers', 'canary', 'criticalActions', 'witness'];
const alone = (whole: Evidence): Evidence => ({
  ...whole,
  sources: { ...whole.sources, ...Object.fromEntries(OF_FLEETS.map((source) => [source, { gap: NO_FLEET }])) },
});

const RUNBOOKS_OF_STORE = ['session-explosion', 'store-failure'] as const;

describe('a store without fleets', () => {
  const cases = RUNBOOKS_OF_STORE.flatMap((runbook) =>
    CASES.flatMap(({ cause, when, planted }) => {
      const whole = classify(planted, runbook);
      return whole.verdict === 'cause' && whole.cause === cause ? [[runbook, cause, when, planted] as const] : [];
    }),
  );

  it.each(cases)('%s: %s, %s, is never `nothing`, and certain of no other cause', (runbook, cause, _when, planted) => {
    const found = classify(alone(planted), runbook);
    expect(found.verdict).not.toBe('nothing');
    if (found.verdict === 'cause' && found.confidence === 'certain') expect(found.cause).toBe(cause);
  });

  it('is known to fill with keys that never expire, with large, long-lived or foreign ones, to fail over, to be slow, and to refuse logins', () => {
    const known = cases.filter(([runbook, cause, , planted]) => {
      const found = classify(alone(planted), runbook);
      return found.verdict === 'cause' && found.cause === cause;
    });
    expect([...new Set(known.map(([, cause]) => cause))].toSorted()).toEqual([
      ...['large-sessions', 'long-lives', 'missing-expiry', 'not-sessions', 'store-failing-over', 'store-rejects-logins'],
      ...['store-slow', 'structural-growth', 'unknown-keys'],
    ]);
  });

  it('is named by no other cause than the whole evidence shows', () => {
    const others = cases.flatMap(([runbook, cause, when, planted]) => {
      const found = classify(alone(planted), runbook);
      return found.verdict === 'cause' && found.cause !== cause
        ? [`${runbook}: ${cause}, ${when}: ${found.cause} (${found.confidence})`]
        : [];
    });
    expect(others).toEqual([]);
  });

  it('that is well is not called well: whether it works from the application’s network is open', () => {
    const found = classify(alone(evidence()), 'store-failure');
    expect(found.verdict).toBe('unknown');
    expect(found.verdict === 'unknown' && found.missing.map(({ text }) => text).join()).toContain(NO_FLEET);
  });
});
