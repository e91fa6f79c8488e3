/** Ids that clients invent, or keep after their session: what the document counts as a session that its server knew, and lost. */
import { afterAll, describe, expect, it } from 'vitest';
import { FROM_MS, MINUTE_MS, plantServer } from './planted-server.ts';

const server = plantServer();
afterAll(() => server.remove());

/** @param lines `PATH STATUS NAMED ANSWERED`, a second apart, of a log that shows the session that a request ended with */
async function read(lines: readonly string[], fields = '$path $status $session $answered') {
  server.contract({ logs: { access: { path: 'a.log', pattern: `$time ${fields}` } }, session: { cookie: 'SID' } });
  const text = lines.map((line, index) => `${new Date(FROM_MS + MINUTE_MS + index * 1_000).toISOString()} ${line}\n`);
  server.write('a.log', text.join(''));
  const { access } = (await server.run()).output;
  const flags = (access?.sessions ?? []).map((row) => row.split(' ').slice(5).join(' '));
  return { ...access, flags, lost: flags.filter((text) => text === '!').length };
}

describe('ids that a client invents', () => {
  const invented = Array.from({ length: 50 }, (_, index) => `/account 302 made${index} -`);

  it('are in the sample as such, and neither lost nor replaced', async () => {
    const replacing = Array.from({ length: 50 }, (_, index) => `/account 302 also${index} new${index}`);
    const access = await read([...invented, ...replacing]);
    expect(access).toMatchObject({ withSession: 100, replaced: 0, lost: 0, lostAtAgeMinutes: {}, lostAfterIdleSeconds: {} });
    expect(access.flags.filter((text) => text === '!?')).toHaveLength(100);
    // Those that the server gave out are its own.
    expect(access.flags.filter((text) => text === '')).toHaveLength(50);
  });

  it('do not hide a session that the server gave out and lost', async () => {
    const access = await read(['/login 200 - a', '/cart 200 a a', ...invented, '/cart 302 a -']);
    expect(access).toMatchObject({ lost: 1, lostAfterIdleSeconds: { 32: 1 } });
  });

  it('are not known by the page that anybody gets, where the log shows what the server answers', async () => {
    const access = await read(['/ 200 x -', '/account 302 x -']);
    expect(access.flags).toEqual(['!?']);
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
