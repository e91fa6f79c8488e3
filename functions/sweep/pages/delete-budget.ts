/** How many keys a sweep can still delete, such that a crash between a delete and the next checkpoint cannot exceed its limit. */
export interface DeleteBudget {
  /** Number of keys that the sweep can still delete. */
  readonly left: number;
  /** Records the number of deletes before they are sent, if what is recorded does not cover it. @throws the error of `save` */
  reserve(count: number): Promise<void>;
  /** Gives back deletes that certainly did not happen. One whose outcome is unknown counts as deleted. */
  release(count: number): void;
  /** Call it when nothing is under way any more. @returns what stays reserved, for the checkpoint: deletes that happened or can have */
  settle(): number;
}

/** Deletes are reserved ahead, so that each of a few does not need a write to the records table. */
const RESERVED_AHEAD = 100;

/**
 * @param max of the sweep
 * @param used deletes that the checkpoint has reserved: after a crash it is unknown which of them happened
 * @param save writes the checkpoint with this number, before the deletes are sent
 */
export function createDeleteBudget(max: number, used: number, save: (reserved: number) => Promise<void>): DeleteBudget {
  let spent = used;
  let reserved = used;
  return {
    get left() {
      return Math.max(0, max - spent);
    },
    async reserve(count) {
      spent += count;
      if (spent <= reserved) return;
      reserved = Math.max(spent, Math.min(max, spent + RESERVED_AHEAD));
      await save(reserved);
    },
    release(count) {
      spent -= count;
    },
    settle() {
      reserved = spent;
      return spent;
    },
  };
}
