import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import { RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import { application, evidence, FROM_MS, readingWith, SIGN_MS, server } from '../healthy-evidence.ts';

describe('classify', () => {
  it.each(RUNBOOKS)('finds nothing in the %s runbook while nothing is wrong', (runbook) => {
    expect(classify(evidence(), runbook)).toMatchObject({ verdict: 'nothing', missing: [] });
  });

  it('does not take a store that fills for one that is well', () => {
    const filling = evidence({ readings: readingWith({ secondsUntilFull: 3_600 }) });
    expect(classify(filling, 'session-explosion')).toMatchObject({ verdict: 'unknown' });
  });

  it('does not take a store with many more sessions for one that is well, although its memory has room', () => {
    const rising = evidence({ readings: readingWith({ activeSessions: 20_000 }) });
    expect(classify(rising, 'session-explosion')).toMatchObject({ verdict: 'unknown' });
  });

  it('does not name the large sessions of a store that has room and does not grow', () => {
    const sizes = { 256: 800, 131072: 6 };
    expect(classify(evidence({ store: { sizes } }), 'session-explosion')).toMatchObject({ verdict: 'nothing' });
    const full = readingWith({ secondsUntilFull: 3_600 });
    expect(classify(evidence({ store: { sizes }, readings: full }), 'session-explosion')).toMatchObject({
      cause: 'large-sessions',
    });
  });

  it.each(RUNBOOKS)('does not know without any evidence (%s)', (runbook) => {
    const nothing = classify({ ...evidence(), sources: {} }, runbook);
    expect(nothing).toMatchObject({ verdict: 'unknown' });
    expect(decide(nothing, { modes: {}, fleets: ['web'], mitigations: {} })).toEqual([]);
  });

  // A visitor who asks for /READONLY or /redis-timeout is in the logs of many applications.
  it.each(RUNBOOKS)('is not certain of a store that is away by words of a log alone (%s)', (runbook) => {
    for (const category of ['storeConnection', 'readOnly', 'serialization', 'outOfMemory'] as const) {
      const times = { [category]: SIGN_MS };
      const words = application({ [category]: 50, firstMs: times, lastMs: times });
      const servers = [server('i-1', { application: words }), server('i-2', { application: words })];
      const finding = classify(evidence({ servers: { servers } }), runbook);
      const chosen = decide(finding, { modes: { 're-login-page': 'auto' }, fleets: ['web'], mitigations: {} });
      expect(chosen.filter(({ mode }) => mode === 'auto')).toEqual([]);
    }
  });

  it('has the begin of the trouble where no need shows one, and else says since when it is seen', () => {
    const beganMs = SIGN_MS - 20 * 60_000;
    const byMinute = Array.from({ length: 66 }, (_, at) => ({
      ...{ minuteMs: FROM_MS + at * 60_000, requests: 100, target3xx: 5, target4xx: 1, elb3xx: 0, elb4xx: 0, elb5xx: 0 },
      ...{ target5xx: FROM_MS + at * 60_000 < beganMs ? 0 : 60, authErrors: 0, authFailures: 0 },
    }));
    const refused = ['i-1', 'i-2'].map((id) => server(id, { store: { reachable: false, reason: 'auth', error: 'WRONGPASS' } }));
    expect(classify(evidence({ traffic: { byMinute }, servers: { servers: refused } }), 'store-failure')).toMatchObject({
      sentence: expect.stringMatching(/, since 2026-11-22 02:52 UTC$/),
      sinceMs: beganMs,
    });
    const filling = evidence({ store: { sizes: { 256: 800, 131072: 6 } }, readings: readingWith({ secondsUntilFull: 3_600 }) });
    expect(classify(filling, 'session-explosion')).toMatchObject({
      sentence: expect.stringMatching(/, seen since 2026-11-22 03:12 UTC$/),
      sinceMs: SIGN_MS,
    });
  });
});
