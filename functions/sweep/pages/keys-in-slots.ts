import { sumOf } from '../../shared/arithmetic.ts';
import { keySlot } from '../slots/key-slot.ts';
import { hasSlot, type SlotSet } from '../slots/slot-set.ts';
import { NO_LONG_NAMES, type PageKeys } from '../store/sweep-store.ts';

/**
 * The part of a page whose keys are in `slots`: a later round of a sweep handles and counts no key of a slot that an earlier round
 * has swept. The number of keys with a TTL is estimated by the page's sample. Pure.
 * @param slots undefined: all
 */
export function keysInSlots<Keys extends PageKeys>(page: Keys, slots: SlotSet | undefined): Keys {
  if (slots === undefined) return page;
  const isIn = ({ key }: { readonly key: Buffer }) => hasSlot(slots, keySlot(key));
  const persistentKeys = page.persistentKeys.filter(isIn);
  const samples = page.samples.filter(isIn);
  return {
    ...page,
    persistentKeys,
    samples,
    larger: page.larger.filter(isIn),
    // The slots of these keys are unknown, because a page does not have their names. An earlier round has counted them, unless their slot
    // moved before it came to them.
    longNames: NO_LONG_NAMES,
    keys: persistentKeys.length + sumOf(samples, ({ weight }) => weight),
  };
}
