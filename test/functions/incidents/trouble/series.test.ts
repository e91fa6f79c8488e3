import { describe, expect, it } from 'vitest';
import { channelOf, type SeriesInput } from '../../../../functions/incidents/trouble/channels.ts';

const MINUTE = 60_000;
const SIGN = 60;
/** A hundred requests in each of 68 minutes; the sign is at the sixtieth. */
const series = (count: (at: number) => number, of: (at: number) => number = () => 100) =>
  Array.from({ length: 68 }, (_, at) => ({ minuteMs: at * MINUTE, count: count(at), of: of(at) }));
const channel = (count: (at: number) => number, more: Partial<SeriesInput> = {}) =>
  channelOf({ minutes: series(count), firstSignMs: SIGN * MINUTE, toMs: 68 * MINUTE, bad: 0.03, ...more });

describe('a series by the minute', () => {
  it('that is as ever is usual', () => {
    expect(channel(() => 1)).toMatchObject({ state: 'usual', cells: [], onset: null });
  });

  it('that rises is acute since the minute of its rise', () => {
    expect(channel((at) => (at < 52 ? 1 : 31))).toMatchObject({ state: 'acute', onset: 52 * MINUTE, usualFrom: 'hour' });
  });

  it('that rises after two minutes of chance is acute since the rise, and one that rises slowly since its first minute', () => {
    expect(channel((at) => (at < 50 ? 1 : at < 52 ? 4 : 31))).toMatchObject({ state: 'acute', onset: 52 * MINUTE });
    expect(channel((at) => (at < 50 ? 1 : 6 * (at - 49)))).toMatchObject({ state: 'acute', onset: 50 * MINUTE });
  });

  it('has an excess of what is more than usual alone', () => {
    const { cells = [] } = channel((at) => (at < 52 ? 1 : 31)) ?? {};
    expect(cells).toHaveLength(16);
    expect(cells[0]?.excess).toBeCloseTo(30);
  });

  it('that rose and fell again is over since then', () => {
    expect(channel((at) => (at >= 50 && at < 57 ? 30 : 1))).toMatchObject({ state: 'acute', onset: 50 * MINUTE, untilMs: 57 * MINUTE });
  });

  it('that ends with its trouble is not over: nothing came after it', () => {
    const minutes = series((at) => (at >= 50 ? 30 : 1)).slice(0, 58);
    expect(channel(() => 0, { minutes })).not.toHaveProperty('untilMs');
  });

  it('with a few more by chance is usual', () => {
    expect(channel((at) => (at === 40 ? 3 : 1))).toMatchObject({ state: 'usual' });
  });

  it('that is bad all the time is chronic', () => {
    expect(channel(() => 5)).toMatchObject({ state: 'chronic', onset: 'before' });
  });

  it('that is no worse than bad can be is usual, where nothing says what is bad', () => {
    expect(channel(() => 5, { bad: undefined })).toMatchObject({ state: 'usual' });
  });

  it('that is bad since before, and was not on other days, is acute', () => {
    const days = [1, 2, 7].map(() => ({ count: 60, of: 6_000 }));
    expect(channel(() => 20, { days })).toMatchObject({ state: 'acute', onset: 'before', usualFrom: 'days' });
  });

  it('that was as high on other days is none of today', () => {
    const days = [1, 2, 7].map(() => ({ count: 1_200, of: 6_000 }));
    expect(channel((at) => (at < 52 ? 1 : 20), { days, bad: undefined })).toMatchObject({ state: 'usual', usualFrom: 'days' });
  });

  it('of too few requests before has nothing to compare with', () => {
    const minutes = series(
      () => 0,
      () => 0.5,
    );
    expect(channel(() => 0, { minutes, bad: undefined })).toBeNull();
  });

  it('that began well before the sign is not taken for the usual', () => {
    expect(channel((at) => (at < 25 ? 1 : 31))).toMatchObject({ state: 'acute', onset: 25 * MINUTE });
  });

  it('that goes on below what counts is not over', () => {
    const then = (count: number) => channel((at) => (at < 30 ? 0 : at < 55 ? 3 : count), { least: 0.02, bad: undefined });
    expect(then(1)).toMatchObject({ state: 'acute' });
    expect(then(1)).not.toHaveProperty('untilMs');
    expect(then(0)).toHaveProperty('untilMs');
  });
});
