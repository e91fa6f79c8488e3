/** Ids that clients invent, or keep after their session: what the document counts as a session that its server knew, and lost. */
import { afterAll, describe, expect, it } from 'vitest';
import { clf, FROM_MS, MINUTE_MS, plantServer } from './planted-server.ts';

const server = plantServer();
afterAll(() => server.remove());

/** @param lines `PATH STATUS NAMED ANSWERED`, a second apart, of a log that shows the session that a request ended with */
async function read(lines: readonly string[], fields = '$path $status $session $answered') {
  server.contract({ logs: { access: { path: 'a.log', pattern: `$time ${fields}` } }, session: { cookie: 'SID' } });
  const text = lines.map((line, index) => `${new Date(FROM_MS + MINUTE_MS + index * 1_000).toISOString()} ${line}\n`);
  server.write('a.log', text.join(''));
  const { access } = (await server.run()).output;
  const flags = (access?.sessions ?? []).map((row) => row.split(' ').slice(5).join(' '));
  return { ...access, flags, lost: flags.filter((text) => text.endsWith('!')).length };
}

describe('ids that a client invents', () => {
  const invented = Array.from({ length: 50 }, (_, index) => `/account 302 made${index} -`);

  it('are in the sample as such, and neither lost nor replaced', async () => {
    const replacing = Array.from({ length: 50 }, (_, index) => `/account 302 also${index} new${index}`);
    const access = await read([...invented, ...replacing]);
    expect(access).toMatchObject({ withSession: 100, replaced: 0, lost: 0 });
    expect(access.flags.filter((text) => text === '!?')).toHaveLength(100);
    // Those that the server gave out are its own.
    expect(access.flags.filter((text) => text === '*')).toHaveLength(50);
  });

  it('do not crowd the sessions that the server knew out of the sample, however many they are', async () => {
    const users = Array.from({ length: 400 }, (_, user) => [`/ 200 - user${user}`, `/cart 302 user${user} -`]).flat();
    const crowd = Array.from({ length: 2_000 }, (_, index) => `/a 404 invented${index} -`);
    const access = await read([...crowd, ...users]);
    expect(access).toMatchObject({ allSessions: false, allUnknown: false, lost: 350 });
    expect(access.flags).toHaveLength(500);
    const hashes = (access.sessions ?? []).map((row) => row.slice(0, 12));
    expect(hashes).toEqual(hashes.toSorted());
  });

  it('leave the rest of the sample to the others where they are few', async () => {
    const users = Array.from({ length: 480 }, (_, user) => `/ 200 - user${user}`);
    expect(await read([...users, ...invented.slice(0, 20)])).toMatchObject({ allSessions: true, allUnknown: true });
    expect(await read([...users, ...invented])).toMatchObject({ allSessions: false, allUnknown: true });
  });

  it('do not hide a session that the server gave out and lost', async () => {
    const access = await read(['/login 200 - a', '/cart 200 a a', ...invented, '/cart 302 a -']);
    expect(access).toMatchObject({ lost: 1 });
  });

  it('leave the pause before a loss as it was, when its user then logs in with the same cookie', async () => {
    const access = await read(['/login 200 - a', '/cart 200 a a', ...invented, '/cart 302 a -', '/login 200 a b']);
    expect(access).toMatchObject({ lost: 1, replaced: 1 });
  });

  it('are not known by the page that anybody gets, where the log shows what the server answers', async () => {
    const access = await read(['/ 200 x -', '/account 302 x -']);
    expect(access.flags).toEqual(['!?']);
  });
});

/** A client has the session `a` from the server, and sends it as its server never wrote it: the server knows none of these texts. */
describe('a text that only resembles a session which the server gave out', () => {
  const ID = '3BD6A1F00C4E4E0B9A7D5C2211E00001';

  it.each([
    ['an escaped dot', `${ID}.i-0aaa`, `${ID}%2Ei-0aaa`],
    ['a dot without a route', ID, `${ID}.`],
    ['another signature', 's:abc.sig1sig1sig1sig1sig1', 's:abc.another'],
    ['another signature, escaped', 's%3Aabc.sig1sig1sig1sig1sig1', 's%3Aabc.another'],
    ['another end of a token', 'abc.SIGNATURE-OF-SOME-LENGTH-0123456789', 'abc.OTHER-SIGNATURE-OF-A-LENGTH-9876543'],
    ['a second text behind a comma', ID, `${ID},x`],
    ['a space that is no space', ID, `${ID}\u00a0`],
  ])('is neither lost nor replaced: %s', async (_, given, sent) => {
    expect(await read([`/ 200 - ${given}`, `/cart 200 ${sent} next`])).toMatchObject({ replaced: 0, lost: 0 });
  });

  it('is neither where it is in the URL: not every server takes an id from there', async () => {
    for (const sent of [`;jsessionid=${ID}`, `;JSESSIONID=${ID}%2E`])
      expect(await read([`/ 200 - ${ID}`, `/cart${sent} 200 - next`])).toMatchObject({ replaced: 0, lost: 0 });
  });

  it('is the same session where express-session escapes its cookie', async () => {
    const [given, escaped] = ['s:abc.sig1sig1sig1sig1sig1', 's%3Aabc.sig1sig1sig1sig1sig1'];
    expect(await read([`/ 200 - ${escaped}`, `/cart 200 ${given} next`])).toMatchObject({ replaced: 1, lost: 1 });
  });
});

it('a client that sends its session twice, once with a route of its own making, makes no route known', async () => {
  const ID = '3BD6A1F00C4E4E0B9A7D5C2211E00001';
  server.contract({
    logs: { access: { path: 'a.log', pattern: '%t "%r" %s %{JSESSIONID}c %S' } },
    session: { cookie: 'JSESSIONID' },
  });
  const lines = [`- ${ID}.i-0aaa`, ...Array.from({ length: 50 }, () => `${ID}.i-0bbb,${ID}.i-0aaa ${ID}.i-0aaa`)];
  server.write('a.log', lines.map((line, index) => `${clf(FROM_MS + MINUTE_MS + index * 1_000)} "GET / HTTP/1.1" 200 ${line}\n`).join(''));
  expect((await server.run()).output.access).toMatchObject({ routes: ['i-0aaa'], foreignRoute: 0, withSession: 50 });
});

describe('a session whose begin the log shows', () => {
  it.each([
    ['it was given out', ['/ 200 - a', '/cart 200 a a'], ['*']],
    ['it was given out, and lost', ['/ 200 - a', '/cart 302 a -'], ['*!']],
    ['it was given out in the place of another one', ['/ 302 a b'], ['!?', '*']],
    ['it was there before', ['/cart 200 a a'], ['']],
    ['a client had named it before', ['/cart 302 a -', '/ 200 - a'], ['!']],
    ['no server gave it out', ['/cart 302 a -'], ['!?']],
  ])('is marked: %s', async (_, lines, flags) => {
    expect((await read(lines)).flags.toSorted()).toEqual(flags);
  });

  // The log is read from its end, a MB at a time.
  it('is not marked when a client had named it, long before', async () => {
    const others = Array.from({ length: 3_000 }, () => `/${'x'.repeat(400)} 404 - -`);
    const { flags } = await read(['/cart 302 a -', ...others, '/ 200 - a', '/ 200 - b']);
    expect(flags.toSorted()).toEqual(['!', '*']);
  });

  it('is not marked by a log that does not show what the server answers', async () => {
    expect((await read(['/cart 200 a', '/cart 302 a'], '$path $status $session')).flags).toEqual(['!']);
  });
});

describe('ids that a client has from the server', () => {
  it('count as replaced once, however often they come back', async () => {
    const again = Array.from({ length: 100 }, (_, index) => `/ 200 a b${index}`);
    expect(await read(['/ 200 - a', ...again])).toMatchObject({ replaced: 1, lost: 1 });
  });

  it('are not lost when a page that needs a login is refused and the session lives on', async () => {
    expect(await read(['/ 200 - a', '/account 302 a a'])).toMatchObject({ replaced: 0, lost: 0 });
  });

  it('are lost when another session is in their place, whatever the status', async () => {
    expect(await read(['/ 200 - a', '/cart 200 a b'])).toMatchObject({ replaced: 1, lost: 1 });
  });

  it('are not lost by another route that the client puts behind them', async () => {
    const access = await read(['/ 200 - a.s1', '/ 200 - b.s1', '/ 200 - c.s2', '/ 200 - d.s2', '/cart 302 a.s2 -']);
    expect(access).toMatchObject({ lost: 0 });
    // Neither does its session change the route.
    expect(access.sessions?.filter((row) => / \d,\d/.test(row))).toEqual([]);
  });

  it('are not lost after a logout: its user goes back', async () => {
    expect(await read(['/ 200 - a', '/logout 302 a -', '/account 302 a -', '/cart 200 a b'])).toMatchObject({ replaced: 0, lost: 0 });
  });
});

it.each([
  ['$path $status $session $answered', '/ 200 a a', true],
  ['$path $status $session', '/ 200 a', false],
])('says of the log %s whether it shows the session that a request ended with', async (fields, line, shows) => {
  expect(await read([line], fields)).toMatchObject({ showsAnswered: shows });
});
