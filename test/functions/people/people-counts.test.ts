import { expect, it } from 'vitest';
import type { PeopleAnswer } from '../../../functions/people/contract.ts';
import { countsOf, judgePeople, unitOf } from '../../../functions/people/judge-people.ts';

const NONE = '0 0 0 0';
const asked = (unit: 'people' | 'requests', isSticky = false) => ({ unit, isSticky, known: undefined });
const hash = (user: number) => user.toString(16).padStart(12, '0');
const answer = (change: Partial<PeopleAnswer>): PeopleAnswer => ({
  ...{ showsSessions: true, lastMs: 1, partial: false, named: [900, 40] as [number, number], people: [], paths: [] },
  before: ['0 200 0 900', '0 200 0 900', '0 200 0 900', '0 200 0 900', '0 200 0 900'],
  now: [NONE, NONE, NONE, NONE, NONE],
  ...change,
});
const users = (from: number, to: number, bits: string) => Array.from({ length: to - from }, (_, at) => `${hash(from + at)} ${bits}`);

it('people whom the new server has sent away are not counted against it on the old ones', () => {
  const fresh = answer({ now: ['20 20 40 40', NONE, NONE, NONE, NONE], people: users(0, 20, '1 1') });
  const old = answer({ people: [...users(0, 20, '1 1'), ...users(20, 60, '1 0')] });
  const counts = countsOf({ own: fresh, fresh: [], old: [old] }, asked('people'));
  expect(counts.alongside.turnedAway).toEqual({ hurt: 0, of: 40 });
  expect(judgePeople(counts)).toMatchObject({
    verdict: 'hurt',
    kind: 'turnedAway',
    now: { hurt: 20, of: 20 },
    before: { hurt: 0, of: 400 },
  });
});

it('what others meet on old servers too is no reason to stop', () => {
  const fresh = answer({ now: ['20 20 40 40', NONE, NONE, NONE, NONE], people: users(0, 20, '1 1') });
  const old = answer({ people: users(20, 60, '1 1') });
  expect(judgePeople(countsOf({ own: fresh, fresh: [], old: [old] }, asked('people'))).verdict).not.toBe('hurt');
});

it('page parts that old servers lack count; requests where no session can be read', () => {
  const parts = (hurt: string) => [NONE, NONE, NONE, hurt, NONE];
  const old = answer({ showsSessions: false, now: parts('0 0 30 60') });
  const counts = countsOf(
    { own: answer({ showsSessions: false, now: parts('0 0 10 40') }), fresh: [], old: [old, old] },
    asked('requests'),
  );
  expect(counts.unit).toBe('requests');
  expect(counts.now.missingParts).toEqual({ hurt: 70, of: 160 });
  expect(judgePeople(counts)).toMatchObject({ verdict: 'hurt', kind: 'missingParts' });
});

const all = (of: number) => ({ now: [NONE, `0 0 0 ${of}`, NONE, NONE, NONE] });
it.each<[string, number, number, boolean, 'people' | 'requests']>([
  ['a release that renames its cookie', 2, 85, false, 'requests'],
  ['with stickiness, a server that comes back and meets new visitors', 2, 85, true, 'people'],
  ['new visitors everywhere', 2, 5, false, 'people'],
  ['a release that ends sessions, which name themselves', 60, 85, false, 'people'],
])('of %s: %i %% of its requests name a session, %i %% on others', (_, own, old, isSticky, unit) => {
  const read = { own: answer({ ...all(100), named: [0, own] }), fresh: [], old: [answer({ ...all(100), named: [0, old] })] };
  expect(unitOf(read, isSticky)).toBe(unit);
  const alone = answer({ ...all(100), before: [NONE, '0 200 0 1000', NONE, NONE, NONE], named: [850, own] });
  expect(unitOf({ own: alone, fresh: [], old: [] }, isSticky)).toBe(own < 50 && !isSticky ? 'requests' : 'people');
});

it('of people, one who lacks page parts on several servers counts once', () => {
  const parts = (count: number) => [NONE, NONE, NONE, `${count} ${count} ${count} ${count}`, NONE];
  const read = {
    own: answer({ now: parts(20), people: users(0, 20, '8 8') }),
    fresh: [],
    old: [answer({ now: parts(30), people: users(0, 30, '8 8') })],
  };
  expect(countsOf(read, asked('people')).now.missingParts).toEqual({ hurt: 30, of: 30 });
});

it('with stickiness, those who left the second server meet the release on the first one', () => {
  const read = {
    own: answer({}),
    fresh: [answer({ now: ['20 20 40 40', NONE, NONE, NONE, NONE], people: users(0, 20, '1 1') })],
    old: [answer({ people: users(20, 40, '1 0') })],
  };
  expect(judgePeople(countsOf(read, asked('people', true)))).toMatchObject({
    verdict: 'hurt',
    kind: 'turnedAway',
    now: { hurt: 20, of: 20 },
  });
});

it('with stickiness, the first server has met nobody: too few, whatever the page parts of all servers show', () => {
  const parts = answer({ people: users(0, 40, '8 0') });
  expect(judgePeople(countsOf({ own: answer({}), fresh: [], old: [parts] }, asked('people', true))).verdict).toBe('tooFew');
});

it('a file that is missing as before stops nothing, on however many servers people meet it', () => {
  const parts = (hurt: number, of: number) => [NONE, `0 ${of} 0 400`, NONE, `${hurt} ${of} ${hurt} 400`, NONE];
  const people = users(0, 40, '8 8');
  const read = (before: string[], now: string[]) => {
    const one = answer({ before, now, people });
    return { own: one, fresh: [], old: [one, one] };
  };
  const counts = countsOf(read(parts(530, 1_460), parts(15, 40)), asked('people'));
  expect(counts.now.missingParts).toEqual({ hurt: 15, of: 40 });
  expect(judgePeople(counts).verdict).not.toBe('hurt');
});

it('the baseline of the first bake is for servers whose log has none', () => {
  const known = { ...countsOf({ own: answer({}), fresh: [], old: [] }, asked('people')).before, turnedAway: { hurt: 1, of: 2 } };
  const empty = answer({ before: [NONE, NONE, NONE, NONE, NONE] });
  expect(countsOf({ own: empty, fresh: [], old: [] }, { ...asked('people'), known }).before.turnedAway).toEqual({ hurt: 1, of: 2 });
  expect(countsOf({ own: answer({}), fresh: [], old: [] }, { ...asked('people'), known }).before.turnedAway.of).toBe(200);
});

it('a campaign that begins at the last server is seen on the others with the release, once the release was found fine', () => {
  const last = answer({ now: ['20 30 40 60', NONE, NONE, NONE, NONE], people: users(0, 30, '1 1') });
  const rolled = answer({ people: [...users(0, 30, '1 1'), ...users(30, 70, '1 1')] });
  const verdictOf = (fine: readonly string[], old: readonly PeopleAnswer[] = []) =>
    judgePeople(countsOf({ own: last, fresh: [rolled], old }, { ...asked('people'), fine })).verdict;
  expect([verdictOf(['turnedAway']), verdictOf(['refused'])]).toEqual(['fine', 'hurt']);
  // Those with the previous release are asked first: where they are served as before, it is the release.
  expect(verdictOf(['turnedAway'], [answer({ people: users(70, 110, '1 0') })])).toBe('hurt');
});
