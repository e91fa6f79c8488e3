import type { SweepRound } from '../contract/steps.ts';
import type { StoreLink } from '../nodes/store-link.ts';
import type { Progress } from '../progress.ts';
import { readOwnedSlots } from '../slots/owned-slots.ts';
import { ALL_SLOTS, inBoth, readSlots, slotsText } from '../slots/slot-set.ts';

/**
 * In cluster mode, notes the slots that the primary serves now and has served at every check since its first page was read. Only
 * these count as swept: keys of a slot that moves meanwhile can be missing from the pages of both nodes.
 */
export async function noteSlots(writer: StoreLink, progress: Progress, round?: SweepRound): Promise<void> {
  if (!writer.identity.clustered) return;
  const { stable } = await writer.run(() => readOwnedSlots(writer.redis));
  const { slots } = progress.checkpoint;
  const before = slots !== undefined ? readSlots(slots) : round ? readSlots(round.slots) : ALL_SLOTS;
  progress.change({ slots: slotsText(inBoth(before, stable)) });
}
