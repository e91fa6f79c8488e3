import { describe, expect, it } from 'vitest';
import type { SessionTrace } from '../../../../functions/incidents/contract/server-facts.ts';
import { mergedTraces } from '../../../../functions/incidents/trouble/traces.ts';
import { troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { access, evidence, FROM_MS, NOW_MS, server, traces } from '../healthy-evidence.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const SERVERS = ['i-1', 'i-2', 'i-3'] as const;
type Sessions = Readonly<Record<string, SessionTrace>>;
const with3 = (sessionsOf: (id: string) => Sessions) =>
  SERVERS.map((id) => server(id, { access: access(id, { sessions: sessionsOf(id) }) }));

describe('a session that one server sends away', () => {
  const endedAt = (secondsLater: number) => {
    const refused = { firstMs: NOW_MS - 10 * MINUTE, lastMs: NOW_MS - 5 * MINUTE, lost: true } as const;
    const login = { firstMs: refused.lastMs, lastMs: refused.lastMs + secondsLater * SECOND, unknown: true } as const;
    const servers = with3((id) => (id === 'i-1' ? traces('one', 1, refused) : id === 'i-2' ? traces('one', 1, login) : {}));
    return mergedTraces(servers, NOW_MS).map(({ lost, lostAt }) => ({ lost, lostAt }));
  };

  it('is lost there, also where another server has its log-in', () => {
    expect(endedAt(12)).toEqual([{ lost: true, lostAt: 'i-1' }]);
  });

  it('is not lost where it is used on', () => {
    expect(endedAt(90)).toMatchObject([{ lost: false }]);
  });
});

/** One is lost every four minutes in the second half of the hour, by any server. All of them begin on one where `on` says so. */
const seldomLost = (on?: string) => (id: string) => ({
  ...traces(id, 40, { firstMs: FROM_MS, begins: true }),
  ...Object.fromEntries(
    Array.from({ length: 9 }, (_, at): [string, SessionTrace][] => {
      const atMs = FROM_MS + (34 + 4 * at) * MINUTE;
      const first = on ?? SERVERS[at % 3];
      const begins = id === first;
      const refuses = id === SERVERS.filter((one) => one !== first)[at % 2];
      const common = { routes: [], firstMs: atMs - 90 * SECOND, requests: 2 };
      return [
        ...(begins ? [[`lost-${at}`, { ...common, lastMs: atMs - 60 * SECOND, begins: true }] as [string, SessionTrace]] : []),
        ...(refuses ? [[`lost-${at}`, { ...common, firstMs: atMs, lastMs: atMs, lost: true }] as [string, SessionTrace]] : []),
      ];
    }).flat(),
  ),
});

describe('sessions that are lost now and then, and were not for half an hour', () => {
  it('are none', () => {
    expect(troubleOf(evidence({ servers: { servers: with3(seldomLost()) } }))).toMatchObject({
      kind: 'none',
      channels: { lost: { state: 'usual' } },
    });
  });
});

const MINUTES = Math.floor((NOW_MS - FROM_MS) / MINUTE);
const USUAL = ([1, 2, 7] as const).map((daysAgo) => ({
  ...{ daysAgo, minutes: MINUTES, requests: 60 * MINUTES },
  ...{ target3xx: 60, target4xx: 0, target5xx: 0, elb4xx: 0, elb5xx: 0 },
}));
/** Of two servers, in an hour whose usual days have 60 requests a minute. */
const vain = (over: { readonly named: number; readonly lastMs?: number }) => {
  const { named, lastMs = NOW_MS - SECOND } = over;
  const servers = ['i-1', 'i-2'].map((id) =>
    server(id, {
      access: access(id, {
        ...{ lines: 30_000, withSession: (named * MINUTES) / 2, created: { byAgent: { browser: 20_000 } } },
        sessions: { ...traces(id, 20, { lastMs }), ...traces(`once-${id}`, 400, { begins: true, requests: 0 }) },
      }),
    }),
  );
  const channel = troubleOf(evidence({ servers: { servers }, traffic: { usual: USUAL } })).channels.vain;
  return 'state' in channel && channel.state;
};

it('newcomers who begin a session each and never come back are no people who lose theirs', () => {
  expect(vain({ named: 58 })).toBe('usual');
});

it('people whose cookie does not arrive name fewer sessions than usual, and begin them in vain', () => {
  expect(vain({ named: 30 })).toBe('chronic');
  expect(vain({ named: 0 })).toBe('chronic');
});

it('sessions that were used, and that no request names any more, are no newcomers', () => {
  expect(vain({ named: 58, lastMs: NOW_MS - 15 * MINUTE })).toBe('chronic');
});

describe('a log of which a part was read', () => {
  const lastMinutes = { partial: true, fromMs: NOW_MS - 20 * MINUTE };
  const one = (over: object) =>
    evidence({ servers: { servers: SERVERS.map((id) => server(id, { access: access(id, id === 'i-1' ? over : {}) })) } });

  it('shows nobody who loses a session in its minutes, where these are its last ones', () => {
    expect(troubleOf(one(lastMinutes)).channels.lost).toMatchObject({ state: 'usual' });
  });
});
