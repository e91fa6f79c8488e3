/** Randomness that a seed repeats. Each purpose has a stream of its own, so that one more draw in one place changes no other. */

export interface Random {
  /** From 0 up to 1. */
  fraction(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean;
  /** @throws RangeError without any */
  pick<T>(from: readonly T[]): T;
  shuffle<T>(all: readonly T[]): T[];
}

/** @returns the stream of a purpose: the same numbers for the same seed and name */
export function seededRandom(seed: number, stream: string): Random {
  let state = hash(`${seed}:${stream}`);
  // Mulberry32: 32 bits of state are plenty for one stream of one run.
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    whole,
    chance: (probability) => fraction() < probability,
    pick: <T>(from: readonly T[]) => {
      if (from.length === 0) throw new RangeError('there is nothing to pick from');
      return from[whole(0, from.length - 1)] as T;
    },
    shuffle: <T>(all: readonly T[]) =>
      all
        .map((value) => ({ value, order: fraction() }))
        .sort((a, b) => a.order - b.order)
        .map(({ value }) => value),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value;
}
