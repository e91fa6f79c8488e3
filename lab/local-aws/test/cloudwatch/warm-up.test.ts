import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWarmingUp, type WarmUp, warmUpAfterPut } from '../../cloudwatch/warm-up.ts';
import { createWorld, TOPIC, type World } from './fakes.ts';

const MINUTE = 60_000;
const minutes = (duration: number, waits?: boolean) => ({
  WarmUpPeriodDurationInMinutes: duration,
  ...(waits !== undefined && { OnlyStartEvaluatingAfterWarmUpPeriodEnds: waits }),
});
const warmUp = (changes: Partial<WarmUp> = {}): WarmUp => ({ configuration: minutes(8), startedAtMs: 0, isOver: false, ...changes });

describe('a warm-up', () => {
  it.each([
    ['none', undefined, 0, 5, false],
    ['at its start, without data', warmUp(), 0, 5, true],
    ['before its end, with one data point missing', warmUp(), 8 * MINUTE - 1, 1, true],
    ['before its end, with every data point', warmUp(), MINUTE, 0, false],
    ['at its end, without data', warmUp(), 8 * MINUTE, 5, false],
    ['that ended early, without data', warmUp({ isOver: true }), MINUTE, 5, false],
    ['that waits for its end, with every data point', warmUp({ configuration: minutes(8, true) }), 8 * MINUTE - 1, 0, true],
    ['that waits for its end, at its end', warmUp({ configuration: minutes(8, true) }), 8 * MINUTE, 5, false],
  ] as const)('%s', (_, given, nowMs, missing, expected) => {
    expect(isWarmingUp(given, nowMs, missing)).toBe(expected);
  });

  it('begins when an alarm first has one', () => {
    expect(warmUpAfterPut(minutes(8), undefined, 5)).toEqual({ configuration: minutes(8), startedAtMs: 5, isOver: false });
    expect(warmUpAfterPut(undefined, warmUp(), 5)).toBeUndefined();
  });

  it('has another end after a change while it lasts, and does not begin again after its end', () => {
    expect(warmUpAfterPut(minutes(20), warmUp(), 7 * MINUTE)).toEqual({ configuration: minutes(20), startedAtMs: 0, isOver: false });
    expect(warmUpAfterPut(minutes(20), warmUp(), 8 * MINUTE)).toMatchObject({ isOver: true });
    expect(warmUpAfterPut(minutes(20), warmUp({ isOver: true }), MINUTE)).toMatchObject({ isOver: true });
  });
});

describe('an alarm that is warming up', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => world.service.stop());

  const silence = (changes: Record<string, unknown> = {}) =>
    world.alarm({
      Statistic: 'SampleCount',
      EvaluationPeriods: 5,
      Threshold: 0,
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      TreatMissingData: 'breaching',
      WarmUpConfiguration: minutes(8),
      ...changes,
    });
  const state = async () => (await world.describe())['StateValue'];
  /** Virtual minutes, with a reading in each or none, and the states at their ends. */
  const pass = async (count: number, reads: boolean) => {
    const states: unknown[] = [];
    for (let minute = 0; minute < count; minute += 1) {
      if (reads) await world.put(1);
      world.advance(MINUTE);
      // Longer than several of the evaluator's intervals, which are real time.
      await new Promise((resolve) => setTimeout(resolve, 15));
      states.push(await state());
    }
    return states;
  };

  it('without a warm-up goes to ALARM at once: the periods before it was created are missing too', async () => {
    await silence({ WarmUpConfiguration: undefined });
    await world.reached('ALARM');
    expect(world.published).toHaveLength(1);
  });

  it('stays in INSUFFICIENT_DATA without data, and is in ALARM as soon as it ends', async () => {
    await silence();
    expect(await pass(9, false)).toEqual([...Array<string>(7).fill('INSUFFICIENT_DATA'), 'ALARM', 'ALARM']);
    expect(world.published.map(({ subject }) => subject)).toEqual(['ALARM: "errors" in US East (N. Virginia)']);
  });

  it('is OK as soon as data fill its window, and fires when they stop', async () => {
    await silence();
    expect(await pass(6, true)).toEqual([...Array<string>(4).fill('INSUFFICIENT_DATA'), 'OK', 'OK']);
    expect((await pass(8, false)).at(-1)).toBe('ALARM');
  });

  it('is OK at its end with the first data point of its window', async () => {
    await silence();
    await pass(6, false);
    expect(await pass(2, true)).toEqual(['INSUFFICIENT_DATA', 'OK']);
  });

  it('ends early once: data that stop within its time are missing', async () => {
    await silence({ EvaluationPeriods: 1, WarmUpConfiguration: minutes(60) });
    expect(await pass(1, true)).toEqual(['OK']);
    expect((await pass(3, false)).at(-1)).toBe('ALARM');
  });

  it('is described as it was given, and starts no action', async () => {
    await silence({ WarmUpConfiguration: minutes(8, true) });
    expect((await world.describe())['WarmUpConfiguration']).toEqual(minutes(8, true));
    await world.call('SetAlarmState', { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'test' });
    expect([await state(), world.published]).toEqual(['ALARM', []]);
  });

  it('keeps its end when it is put again, and has no other warm-up after it', async () => {
    await silence();
    await pass(4, false);
    await silence({ AlarmActions: [TOPIC] });
    expect(await pass(4, false)).toEqual([...Array<string>(3).fill('INSUFFICIENT_DATA'), 'ALARM']);
    await silence({ WarmUpConfiguration: minutes(2_880) });
    expect(await pass(1, false)).toEqual(['ALARM']);
  });

  it.each([0, 2_881, 1.5, 'soon', undefined])('refuses %s minutes', async (duration) => {
    await expect(silence({ WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: duration } })).rejects.toMatchObject({
      message: expect.stringContaining('WarmUpPeriodDurationInMinutes'),
    });
  });
});
