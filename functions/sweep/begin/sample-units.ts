/** Samples of the store by the steps that begin a sweep, or find that none is needed. */
import { type KeyTotals, totalOf } from '../../records/dialect-shares.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import type { SweepContext } from '../contract/steps.ts';
import { connectToShard, findShards } from '../nodes/shards.ts';
import { refreshShares } from '../report/refresh-shares.ts';
import type { BeginPorts } from './begin-ports.ts';
import { sampleStore, type UnitSample } from './sample-store.ts';

interface Sampled extends Pick<SweepContext, 'sweepId' | 'settings'> {
  readonly counters?: SweepContext['counters'] | undefined;
}

/** Undefined when the store failed meanwhile: the counters decide without it. */
export async function sampleUnits(ports: BeginPorts, { settings, sweepId }: Sampled): Promise<readonly UnitSample[] | undefined> {
  try {
    const units = await findShards(ports.connect, settings.databases);
    const connect = (unit: string) => connectToShard(ports.connect, unit, units);
    const { now, pause } = ports;
    return await sampleStore({ connect, settings, hashId: await ports.hashId(), now, pause, seed: sweepId }, units);
  } catch (error) {
    ports.log.warn(LOG_EVENTS.sweepNotSampled, { sweepId, error: describeError(error) });
    return undefined;
  }
}

/** Undefined where the counters are not known. */
export const totalIn = ({ settings, counters }: Sampled): KeyTotals | undefined =>
  counters && totalOf(counters.counts.filter(({ database }) => settings.databases.includes(database)));

/** From this change of the number of keys on, sessions are counted again: between two counts, what came and went is not known. */
const CHANGED_PART = 0.1;

/** Counts sessions by a sample where the store has changed since they were counted last. Repairs nothing. */
export async function countAgain(ports: BeginPorts, sampled: Sampled): Promise<void> {
  const known = await ports.shares();
  const counts = totalIn(sampled);
  if (known === undefined || counts === undefined || !hasChanged(known.counts, counts)) return;
  const samples = await sampleUnits(ports, sampled);
  if (samples === undefined) return;
  const refreshed = refreshShares(samples, known, counts, ports.now());
  // It is no sweep, whose age an alarm watches.
  await ports.saveShares({ ...refreshed, sweptAtMs: known.sweptAtMs ?? known.takenAtMs });
}

function hasChanged(then: KeyTotals | undefined, now: KeyTotals): boolean {
  if (then === undefined) return true;
  const changed = (of: number, from: number) => Math.abs(of - from) > from * CHANGED_PART;
  return changed(now.expires, then.expires) || changed(now.keys - now.expires, then.keys - then.expires);
}
