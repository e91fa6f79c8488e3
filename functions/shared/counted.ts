/** `1 server`, `2 servers`, `1 reply`, `2 replies`: a number and what it counts. */
export const counted = (count: number, one: string): string => `${count} ${nounFor(count, one)}`;

/** `server`, `servers`: what a number counts that is written in another way. */
export const nounFor = (count: number, one: string): string =>
  count === 1 ? one : /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`;

/** The text with a capital at its beginning. */
export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** `store-alarms` as `StoreAlarms`, the way constructs are named. */
export const pascalCase = (name: string): string => name.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
