import { describe, expect, it } from 'vitest';
import { ifAllowed } from '../../../cli/aws-errors.ts';
import { canaryLines } from '../../../cli/canary/canary-lines.ts';
import type { CanaryRecord } from '../../../functions/canary/contract/canary-records.ts';

const NOW_MS = Date.parse('2026-11-22T10:00:00Z');
const HOUR = 3_600_000;
const record: CanaryRecord = {
  url: 'https://shop/',
  ranAtMs: NOW_MS - 2 * HOUR,
  sessions: 2,
  vanishedAtMs: [NOW_MS - 30 * HOUR, NOW_MS - HOUR],
  lines: [{ check: 'transport', result: 'finding', severity: 'warning', what: 'no answer has it', finding: 'no-hsts' }],
  timeOuts: [],
};

describe('what status shows of a canary', () => {
  it('is nothing without one', () => {
    expect(canaryLines(undefined, NOW_MS)).toEqual([]);
  });

  it('is its findings, and sessions that vanished within a day', () => {
    expect(canaryLines(record, NOW_MS)).toEqual([
      'canary   1 finding, all checks ran 2 h 00 m ago, 2 sessions kept, 1 vanished in the last day',
      '  no-hsts: no answer has it',
    ]);
  });

  it('says since when it does not work, and why', () => {
    const failed = { sinceMs: NOW_MS - HOUR, atMs: NOW_MS, what: 'the site answered 429' };
    const { ranAtMs: _never, ...rest } = record;
    expect(canaryLines({ ...rest, lines: [], sessions: 0, failed }, NOW_MS)).toEqual([
      'canary   all checks have not run yet, 0 sessions kept, 1 vanished in the last day',
      '  has not worked for 1 h 00 m: the site answered 429',
    ]);
  });

  it('is nothing where a policy of a fleet without a canary lets nobody read it, and fails for any other reason', async () => {
    const error = (name: string) => Object.assign(new Error('no'), { name });
    const denied = (name: string) => () => Promise.reject(error(name));
    expect(await ifAllowed(denied('AccessDeniedException'))).toBeUndefined();
    await expect(ifAllowed(denied('InternalServerError'))).rejects.toThrow('no');
  });
});
