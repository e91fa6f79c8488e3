/** A schedule with everything that it has in AWS, in memory, against a site in memory. */

import type { CanaryRecord } from '../../../functions/canary/contract/canary-records.ts';
import { RecipeFailed } from '../../../functions/canary/contract/errors.ts';
import type { Kept } from '../../../functions/canary/kept/judge-kept.ts';
import { scheduledTurn, type TurnPorts, type TurnReply } from '../../../functions/canary/schedule/scheduled-turn.ts';
import { type MemorySite, memoryRecipe, memorySite } from './memory-site.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const EVERY_MS = 5 * MINUTE;

export interface World {
  recipe: TurnPorts['recipe'];
  readonly site: MemorySite;
  kept: Kept | undefined;
  /** Whether there is room for sessions. */
  hasRoom: boolean;
  record: CanaryRecord | undefined;
  heldBy: { owner: string; untilMs: number } | undefined;
  deploys: { isBusy: boolean; deployedAtMs: number | undefined };
  /** Everything that was written on record. */
  readonly written: string[];
}

export const createWorld = (): World => ({
  site: memorySite(),
  recipe: memoryRecipe(),
  kept: undefined,
  hasRoom: true,
  record: undefined,
  heldBy: undefined,
  deploys: { isBusy: false, deployedAtMs: undefined },
  written: [],
});

let owners = 0;
export function portsOf(world: World): TurnPorts {
  const { site, recipe } = world;
  return {
    recipe,
    url: 'https://shop/',
    everyMs: EVERY_MS,
    now: site.clock.now,
    leaseMs: 11 * MINUTE,
    owner: `owner-${++owners}`,
    openSite: async () => site.open(recipe),
    deploys: async () => world.deploys,
    records: {
      get: async () => world.record,
      put: async (record) => {
        world.record = structuredClone(record);
        world.written.push(JSON.stringify(record));
      },
    },
    kept: {
      read: async () => structuredClone(world.kept),
      write: async (kept) => {
        if (kept && !world.hasRoom) throw new RecipeFailed('there is no room');
        world.kept = structuredClone(kept);
      },
    },
    lease: {
      async take(owner, nowMs, untilMs) {
        if (world.heldBy && world.heldBy.untilMs > nowMs) return false;
        world.heldBy = { owner, untilMs };
        return true;
      },
      async release(owner) {
        if (world.heldBy?.owner === owner) world.heldBy = undefined;
      },
    },
  };
}

/** Turns for so long, each after the pause of the schedule. */
export async function turnsOf(world: World, ms: number): Promise<TurnReply[]> {
  const replies: TurnReply[] = [];
  const untilMs = world.site.clock.now() + ms;
  while (world.site.clock.now() < untilMs) {
    world.site.clock.pass(EVERY_MS);
    replies.push(await scheduledTurn(portsOf(world)));
  }
  return replies;
}

export const did = (replies: readonly TurnReply[], what: TurnReply['did']) => replies.filter((reply) => reply.did === what).length;
export const vanished = (replies: readonly TurnReply[]) => replies.reduce((sum, reply) => sum + reply.vanished, 0);
