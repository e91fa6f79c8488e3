/** What is masked before a line of a server's journal or response leaves the server, and what stays readable. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { evaluate } from './run-python.ts';

const PASSWORD = 'p@ss/w:rd "x" &';
const SECRETS = ['hunter2-of-the-store', PASSWORD, 'correct horse battery'];
const redact = (lines: readonly string[]): Promise<string[]> =>
  evaluate('[Redactor(given[0]).line(line) for line in given[1]]', [SECRETS, lines]);
const id = (encoding: 'hex' | 'base64' | 'base64url', seed: number): string =>
  createHash('sha256').update(String(seed)).digest().subarray(0, 24).toString(encoding);

describe('a secret in a line', async () => {
  const CASES: readonly (readonly [string, string, string])[] = [
    ['the store’s password', 'NOAUTH for hunter2-of-the-store', 'NOAUTH for ***'],
    ['the password in a URL', `redis://app:${encodeURIComponent(PASSWORD)}@store refused`, 'redis://***@store refused'],
    ['the password as JSON', `{"given":${JSON.stringify(PASSWORD)}}`, '{"given":"***"}'],
    ['the password in base64', Buffer.from('hunter2-of-the-store').toString('base64'), '***'],
    ['the password in hex', Buffer.from('hunter2-of-the-store').toString('hex'), '***'],
    ['a password of several words', 'wrong: correct horse battery', 'wrong: ***'],
    ['the password between escapes', 'hun\u001b[31mter2-of\u200b-the-store', '***'],
    ['a password that nobody knows', 'password=abc and retry', 'password=*** and retry'],
    ['one in quotes', 'with password "two words" for bob', 'with password *** for bob'],
    ['one in brackets', 'password [two words] for bob', 'password *** for bob'],
    ['a list of them', 'passwords: [abc, def] refused', 'passwords: *** refused'],
    ['one with quotes in it', '{"password":"a \\"b\\" c","user":"bob"}', '{"password":***,"user":"bob"}'],
    ['one that ends with a backslash', '{"password":"a b\\\\","user":"bob"}', '{"password":***,"user":"bob"}'],
    ['one with an apostrophe', "password='it\\'s a secret' for bob", 'password=*** for bob'],
    ['one with quotes, in JSON within JSON', '{\\"password\\":\\"a \\\\\\"b\\\\\\" c\\",\\"n\\":1}', '{\\"password\\":***,\\"n\\":1}'],
    ['one whose quotes do not end', 'password: "two words', 'password: ***'],
    ['one in a sentence, with quotes in it', 'with password "two \\"words\\"" for bob', 'with password *** for bob'],
    ['one of several words', 'the password: correct horse battery staple', 'the password: ***'],
    ['one of several words in a property', 'db.password = correct horse battery', 'db.password = ***'],
    ['one of several words before another field', 'password=correct horse level=error', 'password=*** level=error'],
    ['a passphrase', 'passphrase: correct horse and cart, with a comma', 'passphrase: ***'],
    ['a pass phrase', 'Pass phrase = correct horse', 'Pass phrase = ***'],
    ['a key whose label has a space', 'API key: swordfish, again', 'API key: ***, again'],
    ['a key whose label has more words', 'AWS secret access key = "sword fish"', 'AWS secret access key = ***'],
    ['a key in JSON whose label has a space', '{"private key": "sword fish"}', '{"private key": ***}'],
    ['a session id whose label has a space', 'Session ID: AB12.node1 ended, session id=AB13', 'Session ID: *** ended, session id=***'],
    ['a cookie that has a token in it', 'Cookie: eyJhbGciOi.x; theme=swordfish', 'Cookie: ***'],
    ['one in JSON within JSON', '{\\"password\\":\\"swordfish\\"}', '{\\"password\\":***}'],
    ['one in XML', '<password>swordfish</password>', '<password>***</password>'],
    ['one with a short name', 'User(name=bob, pass=swordfish) with -Ddb.pass=swordfish', 'User(name=bob, pass=***) with -Ddb.pass=***'],
    ['a session of a cookie with a short name', 'Cookie[SID=abc123def456] and {"sid":"abc123def456"}', 'Cookie[SID=***] and {"sid":***}'],
    ['a property', 'spring.data.redis.password: swordfish', 'spring.data.redis.password: ***'],
    ['a cookie', 'Cookie: JSESSIONID=A.node1; theme=dark', 'Cookie: ***'],
    ['a cookie that is set', 'sent Set-Cookie: sid=1; Path=/', 'sent Set-Cookie: ***'],
    ['an Authorization header', 'Authorization: Basic Ym9iOmI=', 'Authorization: ***'],
    ['a bearer token', 'refused Bearer abc.def-123', 'refused Bearer ***'],
    ['a JWT', 'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln today', 'got *** today'],
    ['a session id of Tomcat', 'session 3BD6A9F2C0E14B7D8A5566778899AABB.node1 ended', 'session ***.node1 ended'],
    ['a session id in a path', '/cart;jsessionid=AB12.node1 not found', '/cart;jsessionid=*** not found'],
    ['a uuid', 'session 55f1cd17-9c9c-48aa-b5b1-d873a6d0c552 ended', 'session *** ended'],
    ['a uuid in base64', 'SESSION NTVmMWNkMTctOWM5Yy00OGFhLWI1YjEtZDg3M2E2ZDBjNTUy', 'SESSION ***'],
    ['values of a query', 'GET /login?user=bob&code=123 failed', 'GET /login?user=***&code=*** failed'],
    ['an e-mail address', 'mail to bob.smith@example.co.uk bounced', 'mail to *** bounced'],
    ['an AWS access key', 'AKIAIOSFODNN7EXAMPLE is not valid', '*** is not valid'],
    ['an AWS secret key', 'key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'key ***'],
    ['a session id of PHP', 'opened BB82xPStIW-TKR,NA9fsEZxb,Fjg7uSG for bob', 'opened *** for bob'],
    ['one in a key of phpredis', 'GET PHPREDIS_SESSION:abcdefabcdef,abc failed', 'GET PHPREDIS_SESSION:*** failed'],
    ['one in a key of Express', 'lock sess:abcdef is taken', 'lock sess:*** is taken'],
    ['one in a URL within a URL', 'GET /auth?next=https%3A%2F%2Fa.example%2F%3Fclient_secret%3Dswordfish', 'GET /auth?next=***'],
    ['one whose separator is encoded', 'opened client_secret%3Dswordfish', 'opened client_secret%3D***'],
    ['a bearer token with a colon', 'refused Bearer: swordfish', 'refused Bearer: ***'],
    ['a key in a sentence', 'the api key is sword1fish for bob', 'the api key is *** for bob'],
    ['a passphrase in a sentence', 'the passphrase is sword1fish', 'the passphrase is ***'],
    ['a card number', 'card 4111 1111 1111 1111 declined', 'card *** declined'],
  ];
  const lines = await redact(CASES.map(([, line]) => line));
  it.each(CASES.map(([what, , expected], at) => [what, lines[at], expected]))('%s is masked', (_what, line, expected) => {
    expect(line).toBe(expected);
  });

  it.each([
    ['a secret that reads like words', 'signed in with battery staple horse', 'signed in with battery staple horse'],
    [
      'words behind "is"',
      'the passphrase is correct horse, the api key is missing',
      'the passphrase is correct horse, the api key is missing',
    ],
    ['the rest of a password behind a comma', 'password: correct, horse', 'password: ***, horse'],
    ['the rest of a password in a sentence', 'password=correct and horse', 'password=*** and horse'],
  ])('is not recognised: %s', async (_what, line, expected) => {
    expect(await redact([line])).toEqual([expected]);
  });

  it('is masked in each of 3,000 random ids without a label', async () => {
    const ids = Array.from({ length: 3_000 }, (_, seed) => id(seed % 3 === 0 ? 'hex' : seed % 3 === 1 ? 'base64' : 'base64url', seed));
    const leaked = (await redact(ids.map((each) => `opened ${each} for a user`))).filter((line) => line !== 'opened *** for a user');
    expect(leaked.filter((line) => /[A-Za-z0-9+/_-]{12}/.test(line))).toHaveLength(0);
  });

  it('is masked in each of 3,000 random ids of PHP with a digit and letters of both cases', async () => {
    const characters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,';
    const ids = Array.from({ length: 3_000 }, (_, seed) => {
      const bytes = createHash('sha256').update(`php ${seed}`).digest();
      return [...bytes.subarray(0, seed % 2 === 0 ? 32 : 22)].map((byte) => characters[byte % 64]).join('');
    }).filter((each) => /[0-9]/.test(each) && /[a-z]/.test(each) && /[A-Z]/.test(each));
    expect(ids.length).toBeGreaterThan(2_900);
    expect((await redact(ids.map((each) => `opened ${each} for bob`))).filter((line) => line !== 'opened *** for bob')).toEqual([]);
  });

  it('is not shown in part where a long line is cut', async () => {
    const [line = ''] = await redact([`${'word '.repeat(408)}first hunter2-of-the-store${'x'.repeat(3_000)}`]);
    expect(line).not.toContain('hunter');
  });

  it('takes no time to mask, whatever an application prints', async () => {
    const evil = [
      'secret.',
      '/',
      'a',
      'a@',
      'eyJ',
      'Cookie',
      '?a=',
      '.',
      '"',
      'password ',
      'password[',
      'pass.',
      '<token>',
      'ab1',
      '//',
      '\u001b]',
      'sess:',
      'a1B,',
      'AUTH ',
      'AUTH "',
      'SETUSER ',
      'redis-cli ',
      'acl,args:[',
    ];
    const startedMs = performance.now();
    await redact(evil.map((text) => text.repeat(60_000 / text.length)));
    expect(performance.now() - startedMs).toBeLessThan(30_000);
  });
});

describe('a line that explains a failure stays as it is', async () => {
  const LINES = [
    'org.apache.catalina.LifecycleException: Protocol handler start failed',
    'Caused by: java.net.BindException: Address already in use',
    'at org.springframework.boot.web.embedded.tomcat.TomcatWebServer$TomcatStarter.lambda$createWebServer$0(TomcatWebServer.java:252)',
    'java.lang.UnsupportedClassVersionError: com/example/Demo has been compiled by a more recent version (class file version 65.0)',
    '/opt/holdfast/releases/1.4.2/webapps/ROOT/WEB-INF/classes/com/example/Thing.class',
    "FileNotFoundError: [Errno 2] No such file or directory: 'java'",
    'SESSION_STORE_PASSWORD is not set',
    'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    'HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used',
    'threads Catalina-utility-2,Main-Thread,http-1 wait; roles Admin,User,Guest,Editor,Level-1',
    'tests passed: 3, compass: north, inside: out',
    'session idle: 30 min, secret of the store: not found',
    'org.redisson.client.RedisWrongPasswordException: WRONGPASS invalid username-password pair',
    'Deployment of web application archive [/opt/holdfast/var/tomcat/webapps/ROOT.war] has failed',
    "Error creating bean with name 'springSessionRepositoryFilter': org.example.Thing@3f2a1b",
    'io.lettuce.core.RedisConnectionException: Unable to connect to store.local/<unresolved>:6379',
    'use_session=true keepsSession=false, HttpSession=null spring.session=redis http_auth=basic',
    '2026-11-21T19:48:00.123+01:00 ERROR 1234 --- [demo] [main] o.s.b.d.LoggingFailureAnalysisReporter :',
  ];
  const lines = await redact(LINES);
  it.each(LINES.map((line, at) => [line, lines[at]]))('%s', (line, redacted) => {
    expect(redacted).toBe(line);
  });
});

describe('the values that a server knows to be secret', () => {
  const secretsOf = (text: string): Promise<string[]> => evaluate('list(server_secrets([given]))', text);

  it('are the values that were read for the application, whole and in parts; neither short ones nor plain parameters', async () => {
    const line = (name: string, value: string) => `${name}="${Buffer.from(value).toString('base64')}"`;
    const lines = [
      line('HOLDFAST_SECRET_DB', '{"user":"shop","password":"Sommer-Regen-77","port":5432}'),
      line('HOLDFAST_SECRET_KEYS', 'first-key-1,second-key-2'),
      line('HOLDFAST_SECRET_NAME', 'shop'),
      line('HOLDFAST_VALUE_FLAGS', 'a-plain-parameter'),
      'HOLDFAST_SECRET_CUT="abc',
    ];
    const found = await secretsOf(lines.join('\n'));
    expect(found).toEqual(expect.arrayContaining(['Sommer-Regen-77', 'first-key-1', 'second-key-2', 'first-key-1,second-key-2']));
    for (const plain of ['shop', 'a-plain-parameter', '5432']) expect(found).not.toContain(plain);
  });

  it('are those of variables with such a name, and passwords in URLs', async () => {
    const text = [
      'SESSION_STORE_PASSWORD="a \\"b\\" c"',
      "STRIPE_KEY='sk live'",
      'DATABASE_URL=postgres://app:p%40ss@db/x',
      'PORT="8080"',
      'STORE_SECRET_ARN="arn:aws:secretsmanager:eu-west-1:1:secret:x"',
    ].join('\n');
    expect(await secretsOf(text)).toEqual(['a "b" c', 'sk live', 'p%40ss', 'p@ss']);
  });
});
