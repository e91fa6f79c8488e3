/** A calm page has what the alarm saw. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import { calmFacts } from '../../../../functions/incidents/report/calm.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { usualOf } from '../../../../functions/incidents/trouble/sentences.ts';
import { troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { evidence, FROM_MS, IN_MEMORY, node, readingWith, SIGN_MS } from '../healthy-evidence.ts';
import { anIncident, anInput } from './an-incident.ts';

const filling = (more: Parameters<typeof evidence>[0] = {}) =>
  evidence({
    readings: readingWith({ memoryPercent: 68, secondsUntilFull: 3 * 86_400, withoutTtl: 50_000, keys: 50_220 }),
    store: { nodes: [node('node-1', 'primary', { memoryUsedBytes: 68_000_000 })] },
    ...more,
  });
const change = (more: Partial<Facts['changes']['changes'][number]> = {}) => ({
  changes: {
    changes: [
      {
        ...{
          atMs: SIGN_MS - 1_800_000,
          event: 'ModifyReplicationGroup',
          resource: 'live-sessions',
          eventId: 'e-1',
          kind: 'other' as const,
        },
        ...{ roleArn: 'arn:aws:sts::111122223333:assumed-role/Admin/jane', who: 'person' as const, isOwn: true as const },
        ...more,
      },
    ],
  },
});

describe('a page of no trouble', () => {
  it('says how full the store is, how it grows and what has no TTL, where the alarm is about its memory', () => {
    expect(calmFacts(filling(), 'session-explosion')).toEqual([
      'The store has 68 % of 95 MB in use, policy volatile-lru; it is full in 3 days at this growth; it has 50,000 keys without a TTL, of 50,220.',
    ]);
    expect(calmFacts(filling(), 'logged-out')).toEqual([]);
    expect(calmFacts(filling({ balancer: IN_MEMORY }), 'session-explosion')).toEqual([]);
    const finding: Finding = { verdict: 'nothing', because: [], missing: [] };
    const incident = anIncident({ runbook: 'session-explosion', mitigations: {}, finding });
    expect(pageOf(anInput({ incident, evidence: filling() })).facts.join(' ')).toContain('68 % of 95 MB');
  });

  it('says that it makes room, in every runbook', () => {
    const evicting = evidence({ readings: readingWith({ evictions: 300 }) });
    expect(calmFacts(evicting, 'logged-out').join(' ')).toContain('it deleted 300 keys to make room in the minute before the last reading');
  });

  it('says who changed the store, and what ElastiCache reports of its nodes', () => {
    const events = [{ atMs: SIGN_MS - 60_000, message: 'Recovering cache nodes 0001' }];
    const facts = (it: Evidence) => calmFacts(it, 'store-failure');
    expect(facts(evidence({ ...change(), storeGroup: { events } }))).toEqual([
      expect.stringMatching(
        /^At 02:42 UTC ModifyReplicationGroup of live-sessions by a person, arn:aws:sts::111122223333:assumed-role\/Admin\.$/,
      ),
      'ElastiCache reports "Recovering cache nodes 0001" at 03:11 UTC.',
    ]);
    expect(facts(evidence(change({ atMs: FROM_MS - 60_000 })))).toEqual([]);
    expect(facts(evidence(change({ event: 'ModifyRule' })))).toEqual([]);
  });

  it('does not compare memory with a usual that nobody knows', () => {
    const [memory] = usualOf(troubleOf(filling()), ['memory'], filling());
    expect(memory?.text).toBe('less than 75 % of the memory in use, and not full within a day');
  });
});
