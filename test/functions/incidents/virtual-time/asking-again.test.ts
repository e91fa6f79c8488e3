/**
 * Each mitigation, with its witnesses silent, lying and late, over hours of virtual time: none outlives its trouble by more than 15 minutes
 * (and the turns that find that), none acts twice, and none is begun by one broken PING.
 */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import type { SaidBy } from '../mitigate/said-by.ts';
import { incidentWorld } from './world.ts';

const DOWN: Finding = {
  ...{ verdict: 'cause', cause: 'store-down', confidence: 'certain', sentence: 'the store is down', sinceMs: 0, because: [] },
  ...{ wouldRefute: [], also: [] },
};
const NOT_REDUNDANT = { ...DOWN, cause: 'store-down' } as Finding;
/** The longest silence, a turn of the schedule, and what settles. */
const LONGEST_MINUTES = 15 + 5 + 4;
const BACK = 40;

type World = ReturnType<typeof incidentWorld>;
/** What changes when the store is back, and what is wrong with the witnesses meanwhile. */
const WITNESSES: Readonly<Record<string, (given: World['world'], isBack: boolean) => void>> = {
  'all answer': (given, isBack) => {
    given.isUp = isBack;
    if (isBack) Object.assign(given.said, { fleet: 'works', collector: 'works' });
  },
  'Systems Manager is silent': (given, isBack) => {
    given.servers = 'silent';
    if (isBack) Object.assign(given.said, { fleet: 'works', collector: 'works' });
  },
  'servers cannot even be listed': (given, isBack) => {
    given.servers = 'cannot be listed';
    if (isBack) Object.assign(given.said, { fleet: 'works', collector: 'works' });
  },
  'nobody can be listed, and the others are silent': (given) => {
    given.servers = 'cannot be listed';
    Object.assign(given.said, { fleet: 'silent', collector: 'silent' });
  },
  'Systems Manager and the fleet are silent': (given, isBack) => {
    given.servers = 'silent';
    Object.assign(given.said, { fleet: 'silent', collector: isBack ? 'works' : 'away' });
  },
  'the readiness check goes on failing for a database': (given, isBack) => {
    given.serversSay = { store: { reachable: true } };
    if (isBack) Object.assign(given.said, { fleet: 'works', collector: 'works' });
  },
  'servers go on to say that they are cut off, which is a lie': (given, isBack) => {
    given.serversSay = { store: { reachable: false, error: 'no answer within 2 s' } };
    if (isBack) Object.assign(given.said, { fleet: 'works', collector: 'works' });
  },
  'the collector is cut off for good': (given, isBack) => {
    given.isUp = isBack;
    Object.assign(given.said, { collector: 'away', fleet: isBack ? 'works' : 'away' });
  },
  'nobody answers': (given) => {
    given.servers = 'silent';
    Object.assign(given.said, { fleet: 'silent', collector: 'silent' });
  },
};

describe.each(['re-login-page'] as const)('%s', (name) => {
  it.each(Object.entries(WITNESSES))('ends in time when %s', async (_, change) => {
    const { world, until, alarm, incident, page, group, at } = incidentWorld({ [name]: 'auto' });
    world.finding = DOWN;
    await alarm('ALARM');
    at(12, () => change(world, false));
    at(BACK, () => change(world, true));
    await until(11);
    expect((await incident()).mitigations[name]?.state).toBe('done');
    await until(BACK + LONGEST_MINUTES);
    expect((await incident()).mitigations[name]?.state).toMatch(/^(ended|undone)$/);
    expect([page.rules, [...group.suspended]]).toEqual([[], []]);
    await until(300);
    expect(page.calls.filter(({ what }) => what === 'create').length).toBeLessThanOrEqual(1);
  });

  it('ends in time when its run is killed', async () => {
    const { world, until, alarm, incident, page, group, kill, at } = incidentWorld({ [name]: 'auto' });
    world.finding = DOWN;
    await alarm('ALARM');
    at(14, () => kill());
    at(BACK, () => WITNESSES['Systems Manager is silent']?.(world, true));
    await until(BACK + LONGEST_MINUTES);
    expect((await incident()).mitigations[name]?.state).toMatch(/^(ended|undone)$/);
    expect([page.rules, [...group.suspended]]).toEqual([[], []]);
  });
});

describe('the page', () => {
  it.each<[string, SaidBy, object]>([
    [
      'three checks of one broken PING',
      { fleet: 'works', collector: 'works' },
      { serversSay: { store: { reachable: false, error: 'x' } } },
    ],
    ['a PING that nobody confirms', { fleet: 'silent', collector: 'silent' }, {}],
    ['a store that is away while nobody is hurt', {}, { areHurt: false }],
  ])('is never shown by %s', async (_, said, given) => {
    const { world, until, alarm, incident, page } = incidentWorld({ 're-login-page': 'auto' });
    Object.assign(world, { finding: DOWN }, given);
    Object.assign(world.said, said);
    await alarm('ALARM');
    await until(60);
    expect(page.calls).toEqual([]);
    expect((await incident()).mitigations['re-login-page']?.state).toBe('refused');
  });

  it('is not shown again and again for a store that is away every few minutes', async () => {
    const { world, until, alarm, page, at } = incidentWorld({ 're-login-page': 'auto' });
    world.finding = DOWN;
    await alarm('ALARM');
    for (let minute = 10; minute < 180; minute += 10) {
      at(minute, () => WITNESSES['all answer']?.(world, true));
      at(minute + 1, () => alarm('OK'));
      at(minute + 5, () => {
        Object.assign(world, { isUp: false });
        Object.assign(world.said, { fleet: 'away', collector: 'away' });
        return alarm('ALARM');
      });
    }
    await until(200);
    // Once per half an hour, the cool-down, at the most.
    expect(page.calls.filter(({ what }) => what === 'create').length).toBeLessThanOrEqual(6);
  });

  it('waits for metrics that are late, and no longer than five minutes, so that what repairs the store goes on', async () => {
    const { world, until, alarm, incident, page, at } = incidentWorld({ 're-login-page': 'auto' });
    Object.assign(world, { finding: DOWN, areHurt: false });
    await alarm('ALARM');
    at(4, () => {
      world.areHurt = true;
    });
    await until(8);
    expect([page.calls.length, (await incident()).mitigations['re-login-page']?.state]).toEqual([1, 'done']);
  });
});

describe('promote-replica', () => {
  const asked = async (): Promise<World> => {
    const one = incidentWorld({});
    one.world.finding = NOT_REDUNDANT;
    await one.alarm('ALARM');
    await one.until(10);
    expect((await one.incident()).mitigations['promote-replica']?.state).toBe('observed');
    return one;
  };
  const ask = (one: World) => one.ask('promote-replica');

  it('is carried out once, while no witness has a primary', async () => {
    const one = await asked();
    await ask(one);
    await one.until(30);
    expect(one.storeGroup.promoted).toEqual(['b']);
  });

  it.each([
    ['the collector', { collector: 'works' }],
    ['the network of a fleet', { fleet: 'works' }],
  ] as const)('is refused, however late somebody asks, while %s has a primary that answers', async (_, said) => {
    const one = await asked();
    Object.assign(one.world.said, said);
    await ask(one);
    await one.until(60);
    expect(one.storeGroup.promoted).toEqual([]);
    expect((await one.incident()).mitigations['promote-replica']).toMatchObject({
      state: 'refused',
      detail: expect.stringContaining('has a primary that answers'),
    });
  });
});

describe('the fleet’s side, while a mitigation is in effect and no runbook looks after it any more', () => {
  it.each(['re-login-page'] as const)('is asked again by each turn, and its word alone ends %s', async (name) => {
    const { world, until, alarm, incident, asks, turns, kill, at, page, group } = incidentWorld({ [name]: 'auto' }, { watches: true });
    world.finding = DOWN;
    await alarm('ALARM');
    at(12, () => {
      kill();
      world.servers = 'silent';
    });
    at(BACK, () => Object.assign(world.said, { fleet: 'works', collector: 'silent' }));
    await until(BACK - 0.5);
    expect((await incident()).mitigations[name]?.state).toBe('done');
    const since = (by: 'mitigation' | 'turn') =>
      asks.filter((one) => one.by === by && one.minute > 13 && one.minute < BACK).map(({ minute }) => minute);
    // Each turn asks before it keeps it, and its minutes until the next one are on record.
    for (const turn of turns.filter((minute) => minute > 13 && minute < BACK - 1))
      expect(since('mitigation').some((minute) => minute >= turn && minute < turn + 1)).toBe(true);
    expect(since('turn').length).toBeGreaterThanOrEqual(BACK - 13 - 3);
    const { witnessed = [] } = await incident();
    expect(witnessed.length).toBeGreaterThanOrEqual(since('turn').length);
    expect(new Set(witnessed.map(({ state }) => state))).toEqual(new Set(['unreachable']));
    await until(BACK + 5 + 5 + 2);
    expect(await incident()).toMatchObject({ mitigations: { [name]: { state: 'ended', detail: 'the store is well again' } } });
    expect([page.rules, [...group.suspended], (await incident()).witnessed?.at(-1)?.state]).toEqual([[], [], 'reached']);
    await alarm('OK');
    await until(BACK + 30);
    // Nobody is asked while no alarm is on.
    expect(asks.at(-1)?.minute).toBeLessThan(BACK + 5 + 5 + 2 + 5);
  });
});
