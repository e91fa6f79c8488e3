/** After a round of a sweep in cluster mode: which slots has it missed, and who serves them now? */
import { describeError } from '../shared/errors.ts';
import { type ClusterShard, readShards } from '../shared/store/cluster-slots.ts';
import type { Checkpoint } from './contract/checkpoint.ts';
import type { SlotsReply, SweepContext } from './contract/steps.ts';
import { SlotsNotSwept, SweepInProgress } from './errors.ts';
import { addressOf, type ConnectToNode, widestRange } from './nodes/shards.ts';
import { LEASE_MS } from './progress.ts';
import { ALL_SLOTS, countSlots, inBoth, readOwnedSlots, readSlots, type SlotSet, slotSet, slotsText, without } from './slots/slot-set.ts';
import type { SweepRecords } from './sweep-records.ts';
import { isOnlyShard, unitOfSlots } from './unit-name.ts';

/** A sweep fails after this number of rounds. Each waits until no slot is moving, so a resharding that ends needs fewer. */
const MAX_ROUNDS = 5;
/** With the state machine's waits of 30 s this is an hour, longer than ElastiCache takes for a shard of some gigabytes. */
export const MAX_SLOT_WAITS = 120;

export interface SlotPorts {
  readonly connect: ConnectToNode;
  readonly records: Pick<SweepRecords, 'takeShard' | 'endSweep'>;
  readonly now: () => number;
}

export const unitsOf = ({ round }: Pick<SweepContext, 'round'>, shards: readonly string[]): readonly string[] => [
  ...(round?.earlierShards ?? []),
  ...shards,
];

/** @throws SlotsNotSwept after too many rounds or waits; SweepInProgress */
export async function checkSlots(ports: SlotPorts, sweep: SweepContext, shards: readonly string[], waits: number): Promise<SlotsReply> {
  const done: SlotsReply = { verdict: 'DONE', sweep, shards, waits: 0 };
  if (shards.every(isOnlyShard)) return done;
  const units = unitsOf(sweep, shards);
  const checkpoints = new Map<string, Checkpoint | undefined>();
  for (const unit of units) {
    // Takes the lease of each unit again, so that another sweep which begins now cannot replace these checkpoints.
    const taken = await ports.records.takeShard(unit, sweep.sweepId, ports.now(), ports.now() + LEASE_MS);
    if (!taken.taken) throw new SweepInProgress(unit, taken.holder, taken.expiresAtMs);
    checkpoints.set(unit, taken.checkpoint);
  }
  // What a paused unit has not read, the next sweep reads.
  if ([...checkpoints.values()].some((checkpoint) => checkpoint && !checkpoint.isDone)) return done;
  const missing = missingSlots([...checkpoints.values()]);
  if (missing.length === 0) return done;
  const round = sweep.round?.number ?? 1;
  const fail = (reason: string) =>
    new SlotsNotSwept(
      `${countSlots(missing)} of 16384 slots of the session store were not swept: ${reason}. The repairs in the other slots are kept. Start a sweep when the resharding has ended`,
    );
  if (round >= MAX_ROUNDS) throw fail(`they moved between shards during each of ${MAX_ROUNDS} rounds`);
  const found = await findOwners(ports.connect, missing).catch((error: unknown) => ({ reason: describeError(error) }));
  if ('reason' in found) {
    if (waits >= MAX_SLOT_WAITS) throw fail(found.reason);
    return { verdict: 'WAIT', sweep, shards, waits: waits + 1 };
  }
  const next = found.owners.map((owner) => unitOfSlots(widestRange(owner), round + 1));
  await ports.records.endSweep(sweep.sweepId, { shards: [...units, ...next] });
  const deletesLeft = shards.reduce((sum, unit) => sum + sweep.settings.maxDeletes - (checkpoints.get(unit)?.deletesReserved ?? 0), 0);
  return {
    verdict: 'REPEAT',
    sweep: {
      ...sweep,
      settings: { ...sweep.settings, maxDeletes: Math.floor(Math.max(0, deletesLeft) / next.length) },
      round: { number: round + 1, slots: slotsText(missing), earlierShards: units },
    },
    shards: next,
    waits: 0,
  };
}

/** Slots that no complete unit has swept. Pure. */
export const missingSlots = (checkpoints: readonly (Checkpoint | undefined)[]): SlotSet =>
  without(ALL_SLOTS, slotSet(checkpoints.flatMap((checkpoint) => (checkpoint?.isDone ? readSlots(checkpoint.slots ?? '') : []))));

/** The primaries that serve the slots, once none of these is moving; otherwise the reason to wait. */
async function findOwners(
  connect: ConnectToNode,
  wanted: SlotSet,
): Promise<{ readonly owners: readonly ClusterShard[] } | { readonly reason: string }> {
  const redis = await connect();
  const shards = await readShards(redis, addressOf(redis)).finally(() => redis.disconnect());
  const unserved = without(wanted, slotSet(shards.flatMap(({ slots }) => slots)));
  if (unserved.length > 0) return { reason: `no primary serves the slots ${slotsText(unserved)}` };
  const owners = shards.filter(({ slots }) => inBoth(wanted, slots).length > 0);
  for (const { primary } of owners) {
    const node = await connect(primary);
    const { moving } = await readOwnedSlots(node).finally(() => node.disconnect());
    const waitedFor = inBoth(wanted, moving);
    if (waitedFor.length > 0) return { reason: `the slots ${slotsText(waitedFor)} are still moving to another shard` };
  }
  return { owners };
}
