import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import { whatToDo } from '../../../../functions/incidents/classify/what-to-do.ts';
import { RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import { evidence, NOW_MS } from '../healthy-evidence.ts';

describe('classify', () => {
  it.each(RUNBOOKS)('finds nothing in the %s runbook while nothing is wrong', (runbook) => {
    expect(classify(evidence(), runbook, NOW_MS)).toMatchObject({ verdict: 'nothing', missing: [] });
  });

  it.each(RUNBOOKS)('does not know without any evidence (%s)', (runbook) => {
    const nothing = classify({ ...evidence(), sources: {} }, runbook, NOW_MS);
    expect(nothing).toMatchObject({ verdict: 'unknown' });
    expect(decide(nothing, { modes: {}, fleets: ['web'], mitigations: {} })).toEqual([]);
    expect(whatToDo(nothing, { region: 'eu-west-1', installation: 'live', local: false, fleet: 'web' })).toHaveLength(1);
  });
});
