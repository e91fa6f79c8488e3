/**
 * Values of a recipe that are secrets by the name of their field: a recipe is a file that is committed, and becomes a part of a function's
 * environment. Pure. A name decides, never the look of a value, so that the same file is always refused for the same reason: a secret in
 * a field with another name is not noticed.
 */
import { placeText } from './placeholders.ts';

const PLACEHOLDER = /\{[A-Za-z_]\w*\}/;
/** A form's "remember my password". */
const SWITCH = /^(|on|off|true|false|yes|no|0|1)$/i;
const SECRET_WORDS: ReadonlySet<string> = new Set(
  'password passwd passwort passphrase passcode pass pwd pin secret credential credentials'.split(' '),
);
/** Names of fields and headers that hold a secret, or their ends, without what is between their words: `x-api-key` ends with `apikey`. */
const SECRET_NAMES: ReadonlySet<string> = new Set(
  'apikey accesskey secretkey privatekey accesstoken apitoken authtoken bearertoken waftoken authorization proxyauthorization cookie'.split(
    ' ',
  ),
);

/** `j_password`, `userPassword`, `x-api-key`: the last word decides, or the last two. */
function namesSecret(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
  const [last = ''] = words.slice(-1);
  return SECRET_WORDS.has(last) || SECRET_NAMES.has(last) || SECRET_NAMES.has(words.slice(-2).join(''));
}

/** @returns where they are: `login, step 2: form.password` */
export function findLiteralSecrets(value: unknown, place: readonly string[] = []): readonly string[] {
  if (typeof value === 'string') return inAddress(value, place);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inside]) => {
    const here = [...place, name];
    if (isLiteral(inside) && namesSecret(name)) return [placeText(here)];
    return findLiteralSecrets(inside, here);
  });
}

const isLiteral = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && !SWITCH.test(value) && !PLACEHOLDER.test(value));

/** A query's name and its value, and an option of a program with its value. */
const inAddress = (text: string, place: readonly string[]): readonly string[] =>
  [...text.matchAll(/(?:^--?|[?&;])([\w.-]{1,60})=([^&;\s]*)/g)].flatMap(([, name = '', value = '']) =>
    namesSecret(name) && isLiteral(value) ? [`${placeText(place)} (${name})`] : [],
  );
