import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../../../functions/canary/contract/findings.ts';
import { readRecipe } from '../../../functions/canary/contract/read-recipe.ts';
import { requestOf, type Step, type Take } from '../../../functions/canary/contract/recipe.ts';
import { WEAKNESSES } from '../../../functions/canary/findings/weaknesses.ts';
import { CookieJar } from '../../../functions/canary/http/cookie-jar.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import { bodyOf } from '../../../functions/canary/site/fill-in.ts';
import { takeValue } from '../../../functions/canary/site/take-value.ts';

const user = (name: string) => ({ name, password: { environment: 'P' } });
const recipe = { users: { a: user('anna'), b: user('ben-2') }, login: [{ post: '/login', form: { user: '{name}' } }], who: { get: '/' } };

describe('a recipe', () => {
  it('is read', () => {
    expect(readRecipe(JSON.stringify(recipe), 'r.json')).toEqual(recipe);
  });

  it.each<[string, object | string, RegExp]>([
    ['no JSON', '{ "password": "secret-word', /r\.json is not valid JSON/],
    [
      'a password',
      { ...recipe, users: { ...recipe.users, a: { ...user('anna'), password: 'secret-word' } } },
      /users\.a\.password .* must not be in the file/,
    ],
    ['an unknown key', { ...recipe, logins: [] }, /recipe: logins is not a part of a recipe, did you mean login\?/],
    ['neither login nor jar', { ...recipe, login: undefined }, /either login or jar/],
    ['a step with get and post', { ...recipe, login: [{ get: '/', post: '/' }] }, /either get or post/],
    ['a password in an address', { ...recipe, login: [{ get: '/login?p={password}' }] }, /\{password\} in its address/],
    ['a step with post and delete', { ...recipe, login: [{ post: '/', delete: '/' }] }, /either get or post/],
    ['a password in an address to delete', { ...recipe, login: [{ delete: '/login?p={password}' }] }, /\{password\} in its address/],
    ['a body of a get', { ...recipe, login: [{ get: '/', form: {} }] }, /has a body but no post/],
    ['a page that only a step can have taken', { ...recipe, who: { get: '{page}' } }, /who\.get/],
    ['a path that is another host', { ...recipe, who: { get: '//evil.example.com' } }, /who\.get/],
    ['a path that browsers read as another host', { ...recipe, who: { get: '/\\evil.example.com' } }, /who\.get/],
    ['a step that leads to another host', { ...recipe, login: [{ get: '/\\evil.example.com' }] }, /login, step 1: get/],
    ...['*', 'shop/*', 'shop/anna-??????', 'shop anna', 'shop/änna', 'shop/anna\u001b[2J', '$x', 'a'.repeat(513)].map(
      (secret): [string, object, RegExp] => [
        `a secret with another form (${secret.length < 40 ? JSON.stringify(secret) : `${secret.length} characters`})`,
        { ...recipe, users: { ...recipe.users, a: { ...user('anna'), password: { secret } } } },
        /users\.a\.password\.secret: must be the name of a secret/,
      ],
    ),
    ...[
      'arn:aws:secretsmanager:*:111122223333:secret:shop-AbCdEf',
      'arn:aws:secretsmanager:eu-west-1:111122223333:secret:*',
      'arn:aws:s3:::secret',
      'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop',
    ].map((secret): [string, object, RegExp] => [
      `a secret that is no whole ARN (${secret})`,
      { ...recipe, users: { ...recipe.users, b: { ...user('ben-2'), password: { secret } } } },
      /users\.b\.password\.secret: must be the name/,
    ]),
    ['an origin that is no address', { ...recipe, origins: ['https://sso.example.com:99999'] }, /origins, 1: is not a valid address/],
    ['an address for plain HTTP that is none', { ...recipe, http: 'http://[/' }, /http: is not a valid address/],
    ['one name within the other', { ...recipe, users: { a: user('anna'), b: user('anna-2') } }, /must not be part/],
    ...[
      { form: { user: '{name}', j_password: 'secret-word' } },
      { form: { user: '{name}', userPassword: 'secret-word' } },
      { json: { user: { name: '{name}', credentials: [{ PIN: 4711 }] } } },
      { json: { 'client-secret': 'secret-word' } },
      { form: {}, headers: { Authorization: 'Basic secret-word' } },
      { form: {}, headers: { 'X-Api-Key': 'secret-word' } },
      { form: {}, headers: { cookie: 'SID=secret-word' } },
    ].map((step): [string, object, RegExp] => [
      `a literal secret (${Object.keys(step)}: ${JSON.stringify(step).length} characters)`,
      { ...recipe, login: [{ post: '/login', ...step }] },
      /login, step 1: \S+ in r\.json has a value of its own, and by its name that is a secret/,
    ]),
    ['a secret in an address', { ...recipe, who: { get: '/who?x=1&api_key=secret-word' } }, /who\.get \(api_key\) in r\.json has a value/],
    ['a secret for a program', { ...recipe, login: undefined, jar: ['sign-in', '--password=secret-word'] }, /jar, 2 \(password\)/],
    ['time-outs the wrong way round', { ...recipe, policy: { idleSeconds: 9, absoluteSeconds: 8 } }, /idleSeconds must not be above/],
    [
      'a value that nothing gives',
      { ...recipe, who: { get: '/who', headers: { authorization: 'Bearer {t}' } } },
      /^who: \{t\} in r\.json has no value/,
    ],
    [
      'a password after the login',
      { ...recipe, logout: [{ post: '/logout', form: { again: '{password}' } }] },
      /^logout, step 1: \{password\} in r\.json/,
    ],
    [
      'a value that a later step takes',
      { ...recipe, login: [{ post: '/login', form: { t: '{t}' }, take: { t: { input: 't' } } }] },
      /^login, step 1: \{t\}/,
    ],
    ['a comma too many', '{\n  "users": {},\n}', /is not valid JSON, in line 3/],
    ['a wait for what is sent', { ...recipe, login: [{ post: '/login', wait: { for: 'ready', seconds: 5 } }] }, /has a wait and no get/],
    [
      'no page, and an unknown field',
      { ...recipe, who: undefined, polices: {} },
      /recipe: who is missing; polices .*, did you mean policy\?/,
    ],
    ['an unknown finding', { ...recipe, accept: [{ finding: 'nothing', reason: 'for no reason' }] }, /accept, 1: finding/],
    ['a finding without a reason', { ...recipe, accept: [{ finding: 'no-hsts', reason: '' }] }, /accept, 1: reason/],
  ])('with %s is refused, and quotes no password', (_, value, message) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    expect(() => readRecipe(text, 'r.json')).toThrow(message);
    expect(() => readRecipe(text, 'r.json')).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret-word') }));
    expect(() => readRecipe(text, 'r.json')).toThrow(/Nothing was sent/);
  });

  it.each([
    { form: { user: '{name}', password: '{password}', token: '{csrf}' }, take: { csrf: { input: 't' } } },
    { form: { grant_type: 'password', remember_password: 'on', passwordType: 'plain', pass: '' } },
    { json: { password: 'pre-{password}', showPassword: true, compass: 'north', pinned: 'yes' }, headers: { 'x-csrf-token': 'Fetch' } },
    { form: {}, headers: { authorization: 'Bearer {token}' } },
  ])('can have the fields of %j', (step) => {
    const before = { get: '/login', take: { csrf: { input: 't' }, token: { meta: 't' } } };
    const text = JSON.stringify({ ...recipe, login: [before, { post: '/login?next=/home&pass=1', ...step }] });
    expect(readRecipe(text, 'r.json').login).toHaveLength(2);
  });

  it('can log out by DELETE, and have a token in a field whose name is taken', () => {
    const text = JSON.stringify({
      ...recipe,
      logout: [
        { get: '/', take: { field: { meta: 'f' }, csrf: { meta: 'c' } } },
        { delete: '/session', form: { '{field}': '{csrf}' } },
      ],
    });
    const [, step] = readRecipe(text, 'r.json').logout ?? [];
    expect(requestOf(step as Step)).toEqual({ method: 'DELETE', target: '/session' });
    expect(bodyOf(step as Step, { field: 'f7a1', csrf: 'a=b' }, 'logout').body).toBe('f7a1=a%3Db');
  });

  it.each([
    'shop/anna',
    'Shop_Anna+1=2.3@x-y',
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/anna-AbCdEf',
    'arn:aws-us-gov:secretsmanager:us-gov-west-1:111122223333:secret:a-b-AbCdEf',
  ])('can name the secret %s', (secret) => {
    const text = JSON.stringify({ ...recipe, users: { ...recipe.users, a: { ...user('anna'), password: { secret } } } });
    expect(readRecipe(text, 'r.json').users.a.password).toEqual({ secret });
  });

  it('can accept each finding, and docs/canary.md has each', () => {
    expect(Object.keys(WEAKNESSES).sort()).toEqual([...FINDINGS].sort());
    const page = readFileSync('docs/canary.md', 'utf8');
    expect(FINDINGS.filter((finding) => !page.includes(`\`${finding}\``))).toEqual([]);
  });
});

describe('a value is taken', () => {
  const answer = (body: string) => ({
    status: 200,
    headers: { 'x-csrf': 'from-header' },
    setCookies: ['csrf=from-cookie; Path=/', 'XSRF-TOKEN=eyJpdiI6%3D%3D', 'odd=100%'].flatMap((line) => parseSetCookie(line) ?? []),
    body,
  });
  it.each([
    [{ input: 't' }, `<input type="hidden" value='a&amp;b' name="t">`, 'a&b'],
    [{ input: 't' }, '<input name=other value=1><input name=t value=2>', '2'],
    [{ input: 't' }, '<input name="t2" value="1">', undefined],
    [{ meta: 'csrf' }, '<meta name="csrf" content="&#65;&#x42;">', 'AB'],
    [{ cookie: 'csrf' }, '', 'from-cookie'],
    [{ cookie: 'XSRF-TOKEN' }, '', 'eyJpdiI6=='],
    [{ cookie: 'odd' }, '', '100%'],
    [{ header: 'X-CSRF' }, '', 'from-header'],
    [{ json: 'a.b' }, '{"a":{"b":7}}', '7'],
    [{ action: 'kc' }, '<form id="kc" action="/auth?code=1&amp;tab=2#x" method="post">', 'https://sso.example.com/auth?code=1&tab=2'],
    [{ action: 'kc' }, '<form id="a" action="/a"><form name="kc" action="next">', 'https://sso.example.com/realm/next'],
    [{ action: 'kc' }, '<form id="kc">', 'https://sso.example.com/realm/login?x=1'],
    [{ action: 'kc' }, '<form action="/a">', undefined],
    [{ input: 't' }, '<input name="t" value="a>b">', 'a>b'],
    [{ input: 't' }, '<!-- <input name="t" value="old"> --><input name="t" value="new">', 'new'],
    [{ input: 't' }, '<!--><input name="t" value="1">', '1'],
    [{ input: 't' }, '<script>const f = `<input name="t" value="no">`</script ><input name="t" value="1">', '1'],
    [{ input: 't' }, '<textarea><input name="t" value="no"></textarea><title><input name=t value=no></title>', undefined],
    [{ input: 't' }, '<input name="t" value="first" value="second">', 'first'],
    [{ input: 't' }, '<INPUT\n\tNAME = t\n\tVALUE = a/b />', 'a/b'],
    [{ input: 't' }, '<input/name="t"/value="1"/>', '1'],
    [{ input: 't' }, '<inputs name="t" value="no"><input disabled name="t" value="">', ''],
    [{ input: 't' }, '<input name="t" value="not closed', undefined],
    [{ input: 't' }, 'a < b <input name="t" value="1">', '1'],
    [{ action: '/do_login' }, '<form action="/search"><form action="/do_login?x=1">', 'https://sso.example.com/do_login?x=1'],
    [
      { link: 'do=logout' },
      '<a href="/start">1</a><a href="/start?do=logout&amp;sectok=a7">2</a>',
      'https://sso.example.com/start?do=logout&sectok=a7',
    ],
    [{ link: 'do=logout' }, '<a name="do=logout">', undefined],
    [{ between: ['"csrfToken":"', '"'] }, '<script>var x = {"csrfToken":"a7-b9"}</script>', 'a7-b9'],
    [{ between: ['token=', '&'] }, 'token=not-closed', undefined],
    [{ json: 'tokens.0.value' }, '{"tokens":[{"value":"a7"}]}', 'a7'],
    [{ json: 'a.b' }, '<html>', undefined],
    [{ json: 'a.b' }, '{"a":null}', undefined],
  ])('%j of %s: %s', (take, body, value) => {
    expect(takeValue(answer(body), take as Take, new URL('https://sso.example.com/realm/login?x=1'))).toBe(value);
  });

  it('from a tag of any length', () => {
    expect(takeValue(answer(`<input data-x="${'y'.repeat(10_000)}" name="t" value="1">`), { input: 't' })).toBe('1');
  });
});

describe('a jar', () => {
  const url = new URL('https://shop.example.com/app/page');
  const sends = (line: string, to: string) => {
    const jar = new CookieJar();
    jar.store(
      [parseSetCookie(line)].flatMap((one) => one ?? []),
      url,
      0,
    );
    return jar.header(new URL(to));
  };
  it.each([
    ['SID=1; Path=/', 'https://shop.example.com/', 'SID=1'],
    ['SID=1', 'https://other.example.com/', undefined],
    ['SID=1', 'https://shop.example.com/', undefined],
    ['SID=1', 'https://shop.example.com/app/x', 'SID=1'],
    ['SID=1; Path=', 'https://shop.example.com/', undefined],
    ['SID=1; Path=/; Expires=Thu Jan  1 00:00:00 1970', 'https://shop.example.com/', undefined],
    ['SID=1; Domain=example.com; Path=/', 'https://other.example.com/', 'SID=1'],
    ['SID=1; Domain=.example.com; Path=/', 'https://shop.example.com/', 'SID=1'],
    ['SID=1; Domain=other.example.com', 'https://other.example.com/', undefined],
    ['SID=1; Domain=evil.com', 'https://evil.com/', undefined],
    ['SID=1; Domain=hop.example.com', 'https://hop.example.com/', undefined],
    ['SID=1; Domain=com', 'https://shop.example.com/', undefined],
    ['SID=1; Domain=com.', 'https://shop.example.com/', undefined],
    ['SID=1; Path=/app', 'https://shop.example.com/apple', undefined],
    ['SID=1; Path=/app', 'https://shop.example.com/app/x', 'SID=1'],
    ['SID=1; Secure', 'http://shop.example.com/', undefined],
    ['SID=1; Max-Age=0', 'https://shop.example.com/', undefined],
    ['SID=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'https://shop.example.com/', undefined],
    ['=1', 'https://shop.example.com/', undefined],
  ])('with %j sends %s: %s', (line, to, header) => {
    expect(sends(line, to)).toBe(header);
  });

  it.each([
    ['http://localhost/', 'localhost', 'http://localhost/', 'SID=1'],
    ['http://localhost/', 'localhost', 'http://other.localhost/', undefined],
    ['http://other.localhost/', 'localhost', 'http://other.localhost/', undefined],
    ['http://127.0.0.1/', '127.0.0.1', 'http://127.0.0.1/', 'SID=1'],
    ['http://127.0.0.1/', '0.1', 'http://127.0.0.1/', undefined],
  ])('of %s with Domain=%s sends to %s: %s', (from, domain, to, header) => {
    const jar = new CookieJar();
    jar.store([{ name: 'SID', value: '1', domain, secure: false, httpOnly: true }], new URL(from), 0);
    expect(jar.header(new URL(to))).toBe(header);
  });

  it('keeps its own cookie where another host claims to clear it', () => {
    const jar = new CookieJar([{ name: 'SID', value: '1', host: 'example.com', domain: 'example.com', secure: false, httpOnly: true }]);
    jar.store(
      [{ name: 'SID', value: '', domain: 'example.com', maxAgeSeconds: 0, secure: false, httpOnly: true }],
      new URL('https://evil.com/'),
      0,
    );
    expect(jar.header(url)).toBe('SID=1');
  });

  it('forgets a cookie that is cleared, and keeps the same name for another path', () => {
    const jar = new CookieJar();
    for (const line of ['SID=1; Path=/', 'SID=2; Path=/app', 'SID=; Path=/; Max-Age=0'])
      jar.store(
        [parseSetCookie(line)].flatMap((one) => one ?? []),
        url,
        0,
      );
    expect(jar.list().map(({ value }) => value)).toEqual(['2']);
  });
});
