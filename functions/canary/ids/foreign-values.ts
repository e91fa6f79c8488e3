/** Values that a site did not give to the user who sends them: altered, invented, or with another user's name in them. */
import { randomInt } from 'node:crypto';
import { decodeUri } from '../../shared/encode-uri.ts';

/** Shorter runs of letters and digits are prefixes and suffixes, not ids. */
export const SHORTEST_RUN = 8;
const CLASSES = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ'];

/** Another character of the same class, `step` further. */
function another(character: string, step: number): string {
  const letters = CLASSES.find((one) => one.includes(character));
  return letters === undefined ? character : (letters[(letters.indexOf(character) + step) % letters.length] as string);
}

/** What of a value may be an id: runs of letters and digits, without percent escapes. */
const runsOf = (value: string) =>
  [...value.matchAll(/%[\dA-Fa-f]{2}|[A-Za-z0-9]+/g)].filter(([run]) => !run.startsWith('%') && run.length >= SHORTEST_RUN);

/** The value with one character changed, in the middle of its longest run; undefined for a value that is too short. */
export function alterId(value: string): string | undefined {
  const longest = runsOf(value).reduce<RegExpExecArray | undefined>(
    (best, run) => (run[0].length > (best?.[0].length ?? 0) ? run : best),
    undefined,
  );
  if (longest === undefined) return undefined;
  const at = longest.index + Math.floor(longest[0].length / 2);
  return value.slice(0, at) + another(value[at] as string, 1) + value.slice(at + 1);
}

/** An invented value of the same form; undefined for a value that is too short. @param random a whole number below its argument */
export function inventLike(value: string, random: (below: number) => number = (below) => randomInt(below)): string | undefined {
  const runs = runsOf(value);
  if (runs.length === 0) return undefined;
  const places = new Set(runs.flatMap(({ index, 0: run }) => Array.from(run, (_, at) => index + at)));
  return Array.from(value, (character, at) => (places.has(at) ? another(character, random(36)) : character)).join('');
}

/** The value with the second name in the place of the first, as it is, percent-encoded or in base64; undefined where it has not the first. */
export function renamed(value: string, from: string, to: string): string | undefined {
  const swap = (text: string) => (text.includes(from) ? text.replaceAll(from, to) : undefined);
  const decoded = decodeUri(value);
  const plain = swap(value) ?? (decoded === value ? undefined : swap(decoded));
  if (plain !== undefined) return value.includes(from) ? plain : encodeURIComponent(plain);
  const form = /[-_]/.test(decoded) ? 'base64url' : 'base64';
  const inside = /^[\w+/-]{4,}={0,2}$/.test(decoded) ? swap(Buffer.from(decoded, form).toString('latin1')) : undefined;
  return inside && encodeURIComponent(Buffer.from(inside, 'latin1').toString(form));
}
