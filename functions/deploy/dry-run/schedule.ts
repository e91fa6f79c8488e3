/** Which servers are out of service together, and when. Pure. */

export interface Slot {
  readonly instanceId: string;
  /** Counted from the first one's. */
  readonly startsAfterSeconds: number;
  readonly endsAfterSeconds: number;
}

export interface Course {
  /** How many run at the same time at most. */
  readonly limit: number;
  /** How long the roll of one server takes. @param index its place in the order */
  readonly secondsOf: (instanceId: string, index: number) => number;
  /** A stop of this length after this number of servers. @default no stop */
  readonly pause?: { readonly after: number; readonly seconds: number } | undefined;
}

/** Rolls in this order: each begins as soon as one before it has ended, not in rounds; after a stop only once the first ones have ended. */
export function schedule(order: readonly string[], { limit, secondsOf, pause }: Course): readonly Slot[] {
  const freeAt = Array.from({ length: Math.max(1, limit) }, () => 0);
  return order.map((instanceId, index) => {
    if (pause && index === pause.after) freeAt.fill(Math.max(...freeAt) + pause.seconds);
    const startsAfterSeconds = Math.min(...freeAt);
    const endsAfterSeconds = startsAfterSeconds + secondsOf(instanceId, index);
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
