/** Numbers from 0 to 1 that a text draws: the same for the same text, on any machine. */
export type Random = () => number;

export function randomOf(text: string): Random {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** @param option by which it was given @throws TypeError that quotes a wrong one */
export function seedOf(option: string, seed: string): string {
  if (!/^[\w.-]{1,64}$/.test(seed))
    throw new TypeError(`${option} ${JSON.stringify(seed)} is not a seed: give 1 to 64 letters, digits, ".", "_" and "-". Nothing was run`);
  return seed;
}

export const between = (random: Random, least: number, most: number): number => least + random() * (most - least);
/** Times between events that come by themselves. */
export const waitOf = (random: Random, mean: number): number => -mean * Math.log(1 - random());
export const hexOf = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
