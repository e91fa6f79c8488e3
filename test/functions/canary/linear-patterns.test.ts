/** What reads something of a site, or of a recipe, takes a time that grows with its length and no faster. */
import { describe, expect, it } from 'vitest';
import { judgeCaching } from '../../../functions/canary/checks/caching.ts';
import { formsOfId, idOf } from '../../../functions/canary/checks/exposure.ts';
import { judgeStrength } from '../../../functions/canary/checks/strength.ts';
import { judgeHsts, judgePlainHttp } from '../../../functions/canary/checks/transport.ts';
import { findLiteralSecrets, passwordIn } from '../../../functions/canary/contract/read-recipe.ts';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { CookieJar, shownName } from '../../../functions/canary/http/cookie-jar.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import { alterId, inventLike } from '../../../functions/canary/ids/foreign-values.ts';
import { fillIn } from '../../../functions/canary/site/fill-in.ts';
import { readWho } from '../../../functions/canary/site/site.ts';
import { tagsOf, takeValue } from '../../../functions/canary/site/take-value.ts';
import { SHOP } from './memory-site.ts';

const LENGTH = 262_144;
/** What grows with the square takes minutes for as much. */
const MOST_SECONDS = 2;

/** What patterns repeat, or begin again with. */
const REPEATED = [
  ...['<', '<a ', '<form>', '<input name=', '<!--', '</', '=', '"', "'", '>', '/', '<script>', '<title></titl', '<a b =  '],
  ...[
    'a',
    ' ',
    ',',
    ', ',
    ';',
    '; ',
    '\t,',
    '&',
    '&#1',
    '&#x',
    '&amp',
    '.',
    's:',
    's:a.',
    '{',
    '{a',
    '[',
    '%2',
    '%20',
    'ey',
    'ey.',
    '-',
    'aaaaaaaaaaaaaaaaaaa-',
  ],
  ...['max-age=', 'no-store', '?pin=', '--password=', '\u001b[', '0'],
];
const page = (body: string, headers = {}) => ({ status: 200, headers, setCookies: [], body });
const NAME = 'SID';

const READERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['the tags of a page', (text) => [...tagsOf(text)].length],
  ['the tags of a page that begin like one', (text) => [...tagsOf(`<form ${text}`)].length],
  ['a field of JSON', (text) => takeValue(page(text), { json: 'a.b' })],
  ['whom a page shows', (text) => readWho(page(text), { a: 'anna', b: 'ben' })],
  ['a cookie that is set', (text) => parseSetCookie(text)],
  ['a cookie’s attributes', (text) => parseSetCookie(`${NAME}=x; ${text}`)],
  [
    'a jar',
    (text) =>
      new CookieJar([{ name: NAME, value: text, host: 'shop', secure: true, httpOnly: true, path: text }]).header(new URL('https://shop/')),
  ],
  ['a cookie’s name', (text) => shownName(text)],
  ['an id', (text) => [idOf, formsOfId, alterId, (id: string) => inventLike(id, () => 1)].map((one) => one(text.slice(0, LENGTH / 4)))],
  ['ids that are compared', (text) => judgeStrength(Array.from({ length: 10 }, (_, at) => `${at}${text.slice(0, LENGTH / 16)}`))],
  ['Cache-Control', (text) => judgeCaching({ headers: { 'cache-control': text } })],
  ['Strict-Transport-Security', (text) => judgeHsts({ headers: { 'strict-transport-security': text } })],
  ['Location', (text) => judgePlainHttp({ status: 301, headers: { location: text } })],
  ['a secret of Secrets Manager', (text) => passwordIn(text)],
  ['the places of a text', (text) => fillIn(text, {}, 'here', () => '')],
  ['a recipe’s secrets', (text) => findLiteralSecrets({ who: { get: text }, login: [{ json: { [text.slice(0, 1_000)]: text } }] })],
  [
    'a recipe',
    (text) =>
      recipeSchema.safeParse({ ...SHOP, who: { get: `/${text}` }, http: `http://${text}`, login: [{ get: text }], origins: [text] }),
  ],
];

describe.each(READERS)('%s', (_what, read) => {
  it('is read in a time that grows with its length', () => {
    for (const unit of REPEATED) {
      const text = unit.repeat(Math.ceil(LENGTH / unit.length));
      const before = process.cpuUsage();
      try {
        read(text);
      } catch (error) {
        // A text can be refused, and by nothing else than the recipe's own error.
        expect((error as Error).name, unit).toBe('RecipeFailed');
      }
      const { user } = process.cpuUsage(before);
      expect(user / 1e6, `${JSON.stringify(unit)}`).toBeLessThan(MOST_SECONDS);
    }
  });
});
