import { describe, expect, it } from 'vitest';
import { judgeSettle } from '../../../../functions/deploy/assess/watch-alarms.ts';

const LIMITS = { settleSeconds: 180, storeTimeoutSeconds: 900, storeFailedOver: false, deployStartedAtMs: 60_000 };
const judge = (atStart: Record<string, string>, now: Record<string, string>, seconds = 10, storeFailedOver = false) =>
  judgeSettle(atStart, Object.fromEntries(Object.entries(now).map(([name, state]) => [name, { state }])), 0, seconds * 1000, {
    ...LIMITS,
    storeFailedOver,
  });

describe('judgeSettle', () => {
  it.each<{ title: string; atStart: Record<string, string>; now: Record<string, string>; seconds: number; verdict: string }>([
    { title: 'waits while its time has not passed', atStart: { a: 'OK' }, now: { a: 'OK' }, seconds: 179, verdict: 'WAIT' },
    { title: 'is done after its time', atStart: { a: 'OK' }, now: { a: 'OK' }, seconds: 180, verdict: 'DONE' },
    { title: 'bears an alarm that was red before', atStart: { a: 'ALARM' }, now: { a: 'ALARM' }, seconds: 180, verdict: 'DONE' },
    { title: 'bears an alarm that lost its data', atStart: { a: 'OK' }, now: { a: 'INSUFFICIENT_DATA' }, seconds: 180, verdict: 'DONE' },
    { title: 'is done without alarms', atStart: {}, now: {}, seconds: 180, verdict: 'DONE' },
  ])('$title', ({ atStart, now, seconds, verdict }) => {
    expect(judge(atStart, now, seconds)).toBe(verdict);
  });

  it.each([{ before: 'OK' }, { before: 'INSUFFICIENT_DATA' }])(
    'throws AlarmFired when an alarm goes from $before to ALARM',
    ({ before }) => {
      expect(() => judge({ b: before, a: before, c: 'ALARM' }, { b: 'ALARM', a: 'ALARM', c: 'ALARM' })).toThrow(
        expect.objectContaining({ name: 'AlarmFired', message: 'in ALARM since the deploy began: a, b' }),
      );
    },
  );

  it('gives an alarm that a failover of the store may have raised time to be calm again', () => {
    expect(judge({ a: 'OK' }, { a: 'ALARM' }, 1_079, true)).toBe('WAIT');
    expect(judge({ a: 'OK' }, { a: 'OK' }, 180, true)).toBe('DONE');
    expect(() => judge({ a: 'OK' }, { a: 'ALARM' }, 1_080, true)).toThrow(expect.objectContaining({ name: 'AlarmFired' }));
  });

  it('bears an alarm that fired by data from before the deploy, and no other', () => {
    const firedBy = (dataUntilMs?: number) => () =>
      judgeSettle({ a: 'OK' }, { a: { state: 'ALARM', ...(dataUntilMs !== undefined && { dataUntilMs }) } }, 0, 180_000, LIMITS);
    expect(firedBy(60_000)()).toBe('DONE');
    expect(firedBy(60_001)).toThrow(expect.objectContaining({ name: 'AlarmFired' }));
    expect(firedBy()).toThrow(expect.objectContaining({ name: 'AlarmFired' }));
  });
});
