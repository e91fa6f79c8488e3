import { sumOf } from '../../shared/arithmetic.ts';
import type { ClusterShard } from '../../shared/store/cluster-slots.ts';
import { readRange, type SlotRange } from '../slots/slot-set.ts';

/**
 * Gives each primary to at most one branch of a sweep, and each branch at most one primary: pairs with the most slots in common
 * first, ties by the branch's name, then by the primary's. Slots that move between shards can make one primary the best for two
 * branches; two branches on one node would read its keys twice. Pure.
 * @param units names of the branches' units: `0-5460`
 * @returns no entry for a unit without a primary
 */
export function assignShards(units: readonly string[], shards: readonly ClusterShard[]): ReadonlyMap<string, ClusterShard> {
  const pairs = units
    .flatMap((unit) => shards.map((shard) => ({ unit, shard, common: commonSlots(rangeOf(unit), shard) })))
    .filter(({ common }) => common > 0)
    .sort((a, b) => b.common - a.common || compare(a.unit, b.unit) || compare(primaryName(a.shard), primaryName(b.shard)));
  const assigned = new Map<string, ClusterShard>();
  const taken = new Set<ClusterShard>();
  for (const { unit, shard } of pairs) {
    if (assigned.has(unit) || taken.has(shard)) continue;
    assigned.set(unit, shard);
    taken.add(shard);
  }
  return assigned;
}

const rangeOf = (unit: string): SlotRange => readRange(unit.split('/')[0] as string);

const commonSlots = ([first, last]: SlotRange, { slots }: ClusterShard): number =>
  sumOf(slots, ([from, to]) => Math.max(0, Math.min(to, last) - Math.max(from, first) + 1));

const primaryName = ({ primary: { host, port } }: ClusterShard): string => `${host}:${port}`;

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));
