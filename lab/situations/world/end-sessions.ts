/** How sessions end that nobody ends: they are deleted or evicted, or go with the process or the node that has them. */
import type { HappeningOf, Situation } from '../situation.ts';
import type { Fleet } from './fleet.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';
import { happeningsOf, isInForce, shareDone, timeOf } from './timeline.ts';

export interface Ending {
  readonly situation: Situation;
  readonly store: Store;
  readonly random: Random;
  /** How much of each has been done. */
  readonly ended: Map<HappeningOf<'sessionsEnd'>, number>;
}

/** What takes sessions out of the store at this second. */
export function endSessions(atMs: number, { situation, store, random, ended }: Ending): void {
  for (const one of happeningsOf(situation, 'evictions')) if (isInForce(one, atMs)) store.counters.evicted += one.perMinute / 60;
  const endAtOnce = (share: number) => {
    for (const id of [...store.sessions.keys()]) if (random() < share) store.sessions.delete(id);
  };
  for (const one of happeningsOf(situation, 'sessionsEnd')) {
    const done = shareDone(one, atMs);
    const before = ended.get(one) ?? 0;
    if (done <= before) continue;
    ended.set(one, done);
    const share = one.share ?? 1;
    // Of those that are left, so that the share of the first ones is gone at the end.
    const part = done === 1 && before === 0 ? share : 1 - (1 - share * done) / (1 - share * before || 1);
    const had = store.sessions.size;
    endAtOnce(Math.min(1, part));
    if (one.how === 'evicted') store.counters.evicted += had - store.sessions.size;
  }
  for (const { at, share = 0 } of happeningsOf(situation, 'failover')) if (Math.abs(atMs - timeOf(at)) < 500) endAtOnce(share);
  for (const { at, empty } of happeningsOf(situation, 'storeRestart')) {
    if (Math.abs(atMs - timeOf(at)) >= 500) continue;
    if (empty) endAtOnce(1);
    store.forgetCounts();
  }
}

/** Sessions in the memory of a server end with its process. */
export function endMemory(fleet: Fleet, atMs: number, store: Store): void {
  const there = fleet.at(atMs);
  for (const server of there)
    if (fleet.restartsOf(server).some((each) => Math.abs(atMs - each) < 500))
      for (const [id, session] of store.sessions) if (session.server === server) store.sessions.delete(id);
  for (const [id, session] of store.sessions)
    if (session.server !== undefined && !there.includes(session.server)) store.sessions.delete(id);
}
