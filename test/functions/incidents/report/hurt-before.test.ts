import { describe, expect, it } from 'vitest';
import type { Cause, Finding } from '../../../../functions/incidents/contract/causes.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { FROM_MS, evidence as healthy, SIGN_MS } from '../healthy-evidence.ts';
import { anIncident, anInput } from './an-incident.ts';

const MINUTE_MS = 60_000;
/** Errors of the servers from so many minutes before the first sign on. */
const errorsFrom = (minutes: number) => ({
  byMinute: Array.from({ length: 66 }, (_, at) => ({
    minuteMs: FROM_MS + at * MINUTE_MS,
    ...{ requests: 100, target3xx: 5, target4xx: 1, elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
    target5xx: FROM_MS + at * MINUTE_MS < SIGN_MS - minutes * MINUTE_MS ? 0 : 60,
  })),
});
const change = (kind: string) => ({
  ...{
    atMs: SIGN_MS - 4 * MINUTE_MS,
    event: 'Modify',
    roleArn: 'an IAM user',
    eventId: 'e-1',
    resource: 'r',
    kind,
    who: 'person',
    isOwn: true,
  },
});
const pageWith = (cause: Cause, minutes: number, sources: object = {}, since = 'since') => {
  const finding: Finding = {
    verdict: 'cause',
    confidence: 'certain',
    sentence: `It is so, ${since} 2026-11-22 03:12 UTC`,
    ...{ cause, sinceMs: SIGN_MS, because: [], wouldRefute: [], also: [] },
  };
  const evidence = healthy({ traffic: errorsFrom(minutes), ...sources } as never);
  return pageOf(anInput({ incident: anIncident({ finding, mitigations: {} }), evidence }));
};
const changed = { changes: { changes: [change('store-user')], completeUntilMs: SIGN_MS } };

describe('users who were hurt before the alarm', () => {
  const page = pageWith('store-rejects-logins', 20, changed);
  const clock = (minutes: number) => new Date(SIGN_MS - minutes * MINUTE_MS).toISOString().slice(11, 16);

  it('are in the sentence of the cause, without the minute of the alarm as its begin', () => {
    expect(page.why).toBe(`It is so. Users were hurt from ${clock(20)} UTC on, before the first sign at ${clock(0)} UTC.`);
    expect(pageWith('not-sessions', 20, changed, 'seen since').why).toContain(`It is so. Users were hurt from ${clock(20)} UTC on`);
  });

  it('came before a change that is near the alarm', () => {
    expect(page.next[0]?.text).toContain(`, 4 minutes before its first sign, while users were hurt from ${clock(20)} UTC on.`);
    expect(page.next[0]?.text).not.toContain('it began');
  });

  it('begin the timeline', () => {
    const [first] = page.timeline.events;
    expect(first).toMatchObject({ atMs: SIGN_MS - 20 * MINUTE_MS, text: 'users are hurt from this minute on, by the evidence' });
    expect(page.timeline.fromMs).toBeLessThan(SIGN_MS - 20 * MINUTE_MS);
  });

  it('are not shown apart from the alarm where they were hurt just before it', () => {
    const near = pageWith('store-rejects-logins', 2, changed);
    expect(near.why).toBe('It is so, since 2026-11-22 03:12 UTC.');
    expect(near.next[0]?.text).toContain(', 4 minutes before it began.');
    expect(near.timeline.events.some(({ text }) => text.includes('from this minute on'))).toBe(false);
  });
});

it('a failover shortly before the trouble, or the cause, is on the first screen', () => {
  const whyWith = (agoMs: number) => {
    const events = [{ atMs: SIGN_MS - agoMs, message: 'Failover from primary node a to replica node b completed' }];
    return pageWith('store-read-only', 2, { storeGroup: { status: 'available', automaticFailover: true, members: [], events } }).why;
  };
  expect(whyWith(90_000)).toContain(`. The store failed over at ${new Date(SIGN_MS - 90_000).toISOString().slice(11, 19)} UTC.`);
  expect(whyWith(20 * MINUTE_MS)).not.toContain('failed over');
});
