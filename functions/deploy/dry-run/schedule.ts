/** Which servers are out of service together, and when. Pure. */

export interface Slot {
  readonly instanceId: string;
  /** Counted from the first one's. */
  readonly startsAfterSeconds: number;
  readonly endsAfterSeconds: number;
}

/**
 * Rolls in this order, at most `limit` at the same time: each begins as soon as one before it has ended, not in rounds.
 * @param secondsOf how long the roll of one server takes
 */
export function schedule(order: readonly string[], limit: number, secondsOf: (instanceId: string) => number): readonly Slot[] {
  const freeAt = Array.from({ length: Math.max(1, limit) }, () => 0);
  return order.map((instanceId) => {
    const startsAfterSeconds = Math.min(...freeAt);
    const endsAfterSeconds = startsAfterSeconds + secondsOf(instanceId);
    freeAt[freeAt.indexOf(startsAfterSeconds)] = endsAfterSeconds;
    return { instanceId, startsAfterSeconds, endsAfterSeconds };
  });
}

/** When the last one has ended; 0 without any. */
export const lengthOf = (slots: readonly Slot[]): number => Math.max(0, ...slots.map(({ endsAfterSeconds }) => endsAfterSeconds));

/** Those of the others whose time overlaps with this one's. */
export const togetherWith = (slots: readonly Slot[], { instanceId, startsAfterSeconds, endsAfterSeconds }: Slot): readonly string[] =>
  slots
    .filter((other) => other.instanceId !== instanceId)
    .filter((other) => other.startsAfterSeconds < endsAfterSeconds && startsAfterSeconds < other.endsAfterSeconds)
    .map((other) => other.instanceId);
