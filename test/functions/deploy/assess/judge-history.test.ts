/** Whether the history of a deploy's execution has room for its servers: refused at the fastest pace, and warned of at the last deploy's. */
import { describe, expect, it } from 'vitest';
import { type HistoryFacts, shortestRollSeconds, warnOfHistory, whyNoRoom } from '../../../../functions/deploy/assess/judge-history.ts';

type Change = Partial<Omit<HistoryFacts, 'settings'>> & { readonly settings?: Partial<HistoryFacts['settings']> };

function fleet(servers: number, { settings, ...change }: Change = {}): HistoryFacts {
  const members = Array.from({ length: servers }, (_, index) => {
    return { instanceId: `i-${index}`, lifecycle: 'inService', version: '1', health: 'healthy' } as const;
  });
  const times = { bakeSeconds: 15, drainFloorSeconds: 10, deregistrationDelaySeconds: 300, pauseMinutes: 30, pollSeconds: 10 };
  return { members, toRoll: members, attributes: {}, settings: { maxParallel: 1, drainSignal: 'auto', ...times, ...settings }, ...change };
}

describe('a deploy at its fastest', () => {
  const blind = { settings: { drainSignal: 'blind' } } as const;
  const atOnce = { settings: { maxParallel: 1_190 } };
  const addresses = { ofAddresses: true, attributes: { 'deregistration_delay.timeout_seconds': '60' } };

  it.each<[string, HistoryFacts, number]>([
    ['a drain and a bake', fleet(1), 25],
    ['a drain that nothing shows the end of, and a bake', fleet(1, blind), 325],
    ['the delay of an address, and a bake', fleet(1, addresses), 75],
    ['the planned delay of an address where the target group names none', fleet(1, { ofAddresses: true }), 315],
    [
      'a bake where nothing is drained',
      fleet(1, { toRoll: [{ instanceId: 'i-1', lifecycle: 'inService', version: 'none', health: 'unhealthy' }] }),
      15,
    ],
  ])('takes %s for a server', (_what, facts, seconds) => {
    expect(shortestRollSeconds(facts)).toBe(seconds);
  });

  it.each<[string, HistoryFacts]>([
    ['892 servers', fleet(892)],
    ['892 with a stop, which somebody continues at once', fleet(892, { pauseAfter: 1 })],
    ['1,190 all at once', fleet(1_190, atOnce)],
    ['714 addresses', fleet(714, addresses)],
    ['337 with drains that nothing shows the end of', fleet(337, blind)],
  ])('has room for %s', (_what, facts) => {
    expect(whyNoRoom(facts)).toBeUndefined();
  });

  it.each<[string, HistoryFacts, RegExp]>([
    [
      '893 servers',
      fleet(893),
      /^a deploy of 893 servers, one at a time and 25.0 s each, takes at least 25004 events .*\. Nothing was changed$/,
    ],
    [
      '1,190 all at once with a stop',
      fleet(1_190, { ...atOnce, pauseAfter: 1 }),
      /takes at least 25018 events .* more servers at once do not help/,
    ],
    ['715 addresses', fleet(715, addresses), /1 m 15 s each, takes at least 25025 events .* raise deploy.maxParallel/],
    ['338 with drains that nothing shows the end of', fleet(338, blind), /5 m 25 s each, takes at least 25012 events/],
  ])('has none for %s', (_what, facts, words) => {
    expect(whyNoRoom(facts)).toMatch(words);
  });
});

describe('a deploy at the pace of the last one', () => {
  const of = (servers: number, rollSeconds: number | undefined, change: Change = {}) => warnOfHistory(fleet(servers, change), rollSeconds);
  const said = (...those: Parameters<typeof of>) => Object.values(of(...those) ?? {}).join('. ');
  const hours = { pauseAfter: 1, settings: { pauseMinutes: 240 } };

  it.each<[string, ReturnType<typeof of>]>([
    ['two hundred servers, one at a time, within two days', of(200, 720)],
    ['four hundred that take little', of(400, 100)],
    ['four hundred, ten at once', of(400, 300, { settings: { maxParallel: 10 } })],
    ['a hundred with a wait of hours', of(100, 720, hours)],
    ['two hundred with a wait of half an hour', of(200, 720, { pauseAfter: 1 })],
    ['no servers', of(0, 720)],
    ['eight hundred of which no deploy is known', of(800, undefined)],
  ])('has room for %s', (_, warning) => {
    expect(warning).toBeUndefined();
  });

  it.each<[string, string, RegExp]>([
    [
      'four hundred servers, one at a time',
      said(400, 300),
      /^400 servers, one at a time and 5 m 00 s each, take some 31,000 events.*maxParallel/,
    ],
    ['more than a hundred and twenty with a wait of hours', said(200, 720, hours), /^200 servers/],
    ['what is near at its fastest, and of which no deploy is known', said(880, undefined), /^880 servers, one at a time and 25.0 s each/],
    ['what the last deploy cannot have been slow enough for', said(330, 20, { settings: { drainSignal: 'blind' } }), /5 m 25 s each/],
  ])('has no room for %s', (_, warning, words) => {
    expect(warning).toMatch(words);
  });
});
