import type { CanaryRecord } from '../../canary/schedule/canary-records.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import type { Collector } from '../contract/collect.ts';
import type { Fleets } from './choose-fleets.ts';

export interface CanaryPorts {
  readonly fleets: Fleets;
  readonly read: (fleet: string) => Promise<CanaryRecord | undefined>;
  readonly now: () => number;
}

/** Sessions that a canary keeps alive from outside, and how many of them vanished in the incident's window. */
export function createCanary({ fleets, read, now }: CanaryPorts): Collector<'canary'> {
  return async ({ fleets: names, fromMs, toMs }) => {
    const watched = names.filter((name) => fleets[name]?.canary);
    if (watched.length === 0) return { gap: 'no canary keeps sessions alive from outside' };
    const takenAtMs = now();
    const records = await Promise.all(watched.map(read));
    const found = records.filter((record) => record !== undefined);
    if (found.length === 0) return { gap: 'the canary has not taken a turn yet' };
    const gaps = [
      ...found.flatMap(({ failed }) => (failed ? [`the canary does not work: ${failed.what}`] : [])),
      ...(found.length < names.length ? [`a canary keeps sessions of ${found.length} of ${names.length} fleets`] : []),
    ];
    const isInWindow = (atMs: number) => atMs >= fromMs && atMs <= toMs;
    const facts = {
      sessions: sumOf(found, ({ sessions }) => sessions),
      vanished: sumOf(found, ({ vanishedAtMs }) => vanishedAtMs.filter(isInWindow).length),
    };
    return { takenAtMs, facts, ...(gaps.length > 0 && { gaps }) };
  };
}
