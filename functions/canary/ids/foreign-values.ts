/** Values that a site did not give to the user who sends them: altered, or invented. */
import { randomInt } from 'node:crypto';

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

/** What separates the parts of tokens and of signed values, also where it is escaped. */
const SEPARATORS = /(--|[.|~:]|%7C|%3A|%2E)/i;
/** One value in fifty that is drawn in base64url has `--` in it. */
const WITHOUT_DASHES = /([.|~:]|%7C|%3A|%2E)/i;
const JWT = /^ey[\w-]+\.[\w-]+\.[\w-]+$/;

export interface Alteration {
  readonly value: string;
  /** What was changed, as far as it looks: an id or a signature, something that can be read in base64, or neither. */
  readonly part: 'drawn' | 'readable' | 'other';
}

/**
 * Values that a site which compares the whole value refuses: of each part that is not the same in another value of the site, one with a
 * character changed, and a token without a signature. Empty for a value that is too short.
 * @param another value of the same cookie, of another login
 */
export function alterations(value: string, another: string | undefined): readonly Alteration[] {
  const splits = another === undefined ? [] : [SEPARATORS, WITHOUT_DASHES].map((by) => [value.split(by), another.split(by)] as const);
  const [parts, others] = splits.find(([own, its]) => own.length === its.length) ?? [[], []];
  const each = parts.flatMap((part, at) => {
    const altered = part === others[at] ? undefined : alterId(part);
    return altered === undefined ? [] : [{ value: parts.with(at, altered).join(''), part: kindOf(part) }];
  });
  const whole =
    each.length > 0 ? each : [alterId(value)].flatMap((one) => (one === undefined ? [] : [{ value: one, part: 'drawn' as const }]));
  const [, payload = ''] = JWT.test(value) ? value.split('.') : [];
  return [...whole, ...(payload === '' ? [] : [{ value: `${NO_ALGORITHM}.${payload}.`, part: 'readable' as const }])];
}

/** As long as 16 bytes in any form is drawn. */
function kindOf(part: string): Alteration['part'] {
  const isText = (['base64', 'hex'] as const).some((form) => READABLE.test(Buffer.from(part, form).toString('latin1')));
  return isText ? 'readable' : DRAWN.test(part) ? 'drawn' : 'other';
}
const DRAWN = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$|^[\w-]{20,}$/i;
const READABLE = /^[\t\n\r -~]{6,}$/;

const NO_ALGORITHM = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
