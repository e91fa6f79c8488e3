import { describe, expect, it } from 'vitest';
import { outcomeText } from '../../../functions/records/outcome-text.ts';

describe('outcomeText', () => {
  it.each([
    [{ status: 'RUNNING', stage: 'settling' }, 'RUNNING, settling'],
    [{ status: 'ABORTED', stage: 'finished', rolledBack: true }, 'ABORTED, rolled back'],
    [{ status: 'FAILED', stage: 'finished', rolledBack: false }, 'FAILED'],
  ] as const)('of %j is %s', (record, text) => {
    expect(outcomeText(record)).toBe(text);
  });
});
