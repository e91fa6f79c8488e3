import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import { RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import { application, evidence, readingWith, SIGN_MS, server } from '../healthy-evidence.ts';

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
      const chosen = decide(finding, { modes: { 're-login-page': 'auto', 'keep-servers': 'auto' }, fleets: ['web'], mitigations: {} });
      expect(chosen.filter(({ mode }) => mode === 'auto')).toEqual([]);
    }
  });
});
