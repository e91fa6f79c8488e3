import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import { RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import { evidence, NOW_MS, readingWith } from '../healthy-evidence.ts';

describe('classify', () => {
  it.each(RUNBOOKS)('finds nothing in the %s runbook while nothing is wrong', (runbook) => {
    expect(classify(evidence(), runbook, NOW_MS)).toMatchObject({ verdict: 'nothing', missing: [] });
  });

  it('does not take a store that fills for one that is well', () => {
    const filling = evidence({ readings: readingWith({ secondsUntilFull: 3_600 }) });
    expect(classify(filling, 'session-explosion', NOW_MS)).toMatchObject({ verdict: 'unknown' });
  });

  it.each(RUNBOOKS)('does not know without any evidence (%s)', (runbook) => {
    const nothing = classify({ ...evidence(), sources: {} }, runbook, NOW_MS);
    expect(nothing).toMatchObject({ verdict: 'unknown' });
    expect(decide(nothing, { modes: {}, fleets: ['web'], mitigations: {} })).toEqual([]);
  });
});
