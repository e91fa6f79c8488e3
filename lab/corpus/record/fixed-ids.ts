/** Replaces what is random in a run, which its program prints, by fixed text of equal length and alphabet. */
import { createHash } from 'node:crypto';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const UPPER = LOWER.toUpperCase();
const ALPHABETS: Readonly<Record<string, string>> = {
  hex: `${DIGITS}abcdef`,
  'upper-hex': `${DIGITS}ABCDEF`,
  digits: DIGITS,
  letters: LOWER,
  base32: `${UPPER}234567`,
  'base32-lower': `${LOWER}234567`,
  base32hex: `${DIGITS}abcdefghijklmnopqrstuv`,
  'lower-alnum': DIGITS + LOWER,
  alnum: DIGITS + LOWER + UPPER,
  base64: `${DIGITS}${LOWER}${UPPER}+/`,
  base64url: `${DIGITS}${LOWER}${UPPER}-_`,
};

/** Endless bytes from a seed. */
function* bytesFrom(seed: string): Generator<number> {
  for (let block = 0; ; block += 1) yield* createHash('sha256').update(`${seed} ${block}`).digest();
}

/**
 * @param alphabet one of the above; `uuid` keeps its dashes and version; `bytes` has any, and its id is written in hex
 * @param id as the program printed it
 * @returns what has to be replaced and by what, both latin1
 */
export function fixedId(alphabet: string, id: string, seed: string): readonly [string, string] {
  const random = bytesFrom(seed);
  const next = (letters: string) => letters[(random.next().value as number) % letters.length] as string;
  if (alphabet === 'uuid') {
    const [lower, upper] = [ALPHABETS['hex'] as string, ALPHABETS['upper-hex'] as string];
    return [
      id,
      id.replace(/[0-9A-Fa-f]/g, (digit, at: number) => (at === 14 ? digit : at === 19 ? 'a' : next(/[A-F]/.test(id) ? upper : lower))),
    ];
  }
  if (alphabet === 'bytes') {
    const bytes = Buffer.from(id, 'hex');
    return [bytes.toString('latin1'), Buffer.from(Array.from(bytes, () => random.next().value as number)).toString('latin1')];
  }
  const letters = ALPHABETS[alphabet];
  if (letters === undefined)
    throw new TypeError(
      `A program printed an id of the alphabet "${alphabet}": the alphabets are uuid, bytes, ${Object.keys(ALPHABETS).join(', ')}.`,
    );
  if (![...id].every((letter) => letters.includes(letter) || letter === '='))
    throw new TypeError(`A program printed an id that is not of the alphabet ${alphabet}: ${id.length} characters. Nothing was written.`);
  return [id, [...id].map((letter) => (letter === '=' ? letter : next(letters))).join('')];
}

/** Lines `id ALPHABET VALUE` of a program's output, in order; the longest are replaced first. @param name of the recording */
export function readIds(output: string, name: string): readonly (readonly [string, string])[] {
  const lines = [...output.matchAll(/^id ([\w-]+) (\S+)\r?$/gm)];
  const ids = lines.map(([, alphabet = '', value = ''], at) => fixedId(alphabet, value, `${name} ${at}`));
  return ids.toSorted(([one], [other]) => other.length - one.length);
}

export const idsOut = (text: string, ids: readonly (readonly [string, string])[]): string =>
  ids.reduce((result, [id, fixed]) => result.replaceAll(id, () => fixed), text);

function alphabetOf(part: string): string {
  if (/^[0-9A-F]+$/.test(part)) return 'upper-hex';
  if (/^[0-9a-f]+$/.test(part)) return 'hex';
  return /[-_]/.test(part) ? 'base64url' : 'alnum';
}
/** Likewise for a part of a cookie, by the characters that it has. */
export const otherId = (part: string, seed: string): readonly [string, string] => fixedId(alphabetOf(part), part, seed);
