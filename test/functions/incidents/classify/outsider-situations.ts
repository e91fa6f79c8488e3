/** What an outsider can send, one server's claims, and changes that do not reach what is seen: none of it makes a cause certain. */
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import { access, evidence, IN_MEMORY, NOW_MS, SIGN_MS, server, TURNED_AWAY, traces } from '../healthy-evidence.ts';
import { losing, moving, rolling, strays } from './case.ts';
import { allServers, certain, likely, NOTHING, type Situation, UNKNOWN } from './situation.ts';

const OFF = { ...IN_MEMORY, stickiness: { enabled: false } };
/** Ids that the same client sends to every server. */
const INVENTED = traces('invented', 60, { unknown: true, lost: true });
const inventedAt = (...ids: readonly string[]) => ({
  servers: ids.map((id) => server(id, { access: access(id, { sessions: { ...traces(id, 20), ...INVENTED } }) })),
});
const withOff = (servers: ReturnType<typeof inventedAt>): Evidence => evidence({ balancer: OFF, servers, traffic: TURNED_AWAY });
const changedBy = (roleArn: string, over: object = {}): Evidence =>
  evidence({
    balancer: OFF,
    servers: moving,
    traffic: TURNED_AWAY,
    changes: {
      changes: [{ atMs: SIGN_MS - 60_000, event: 'ModifyTargetGroupAttributes', roleArn, eventId: 'e-1', resource: 'web', ...over }],
    },
  });

const STICKINESS: readonly Situation[] = [
  {
    when: 'stickiness is off, and a client sends ids that it invents to every server',
    runbook: 'logged-out',
    planted: withOff(inventedAt('i-1', 'i-2')),
    expected: UNKNOWN,
    never: ['stickiness-off', 'session-changes-server'],
  },
  {
    when: 'stickiness is off, and one server claims the ids that a client sends to every server',
    runbook: 'logged-out',
    planted: withOff({
      servers: [
        ...inventedAt('i-1', 'i-2').servers,
        server('i-3', { access: access('i-3', { sessions: { ...traces('i-3', 20), ...traces('invented', 60) } }) }),
      ],
    }),
    expected: likely('stickiness-off'),
  },
  {
    when: 'stickiness is off, and a log does not show the session that a request ended with',
    runbook: 'logged-out',
    planted: withOff({
      servers: ['i-1', 'i-2'].map((id) =>
        server(id, { access: access(id, { sessions: strays(id, [id === 'i-1' ? 'i-2' : 'i-1']), showsAnswered: false }) }),
      ),
    }),
    expected: likely('stickiness-off'),
  },
  {
    when: 'stickiness is off, and every server knows the sessions that come to it',
    runbook: 'logged-out',
    planted: evidence({ balancer: OFF, servers: allServers({ access: access('both', { sessions: traces('both', 30) }) }) }),
    expected: NOTHING,
    never: ['stickiness-off'],
  },
  {
    when: 'a role of people has changed the stickiness, by CloudTrail',
    runbook: 'logged-out',
    planted: changedBy('arn:aws:iam::000000000000:role/operators', { stickiness: 'changes' }),
    expected: likely('stickiness-off'),
  },
  {
    when: 'a role of people has changed another attribute of the target group, by CloudTrail',
    runbook: 'logged-out',
    planted: changedBy('arn:aws:iam::000000000000:role/operators', { stickiness: 'none' }),
    expected: certain('stickiness-off'),
  },
  {
    when: 'stickiness is off, and the last that CloudTrail shows is that a role enabled it',
    runbook: 'logged-out',
    planted: changedBy('arn:aws:iam::000000000000:role/operators', { stickiness: 'enables' }),
    expected: certain('stickiness-off'),
  },
  {
    when: 'stickiness is off, and CloudTrail could not be read',
    runbook: 'logged-out',
    planted: evidence({ balancer: OFF, servers: moving, traffic: TURNED_AWAY, changes: 'it did not answer' }),
    expected: likely('stickiness-off'),
  },
  {
    when: 'a client without cookies of the load balancer moves between servers that share their sessions, and a scanner is refused',
    runbook: 'logged-out',
    planted: evidence({
      balancer: IN_MEMORY,
      servers: allServers({ access: access('both', { sessions: traces('both', 30) }) }),
      traffic: TURNED_AWAY,
    }),
    expected: UNKNOWN,
  },
];

const foreignAt = (over: object) => ({
  servers: [
    server('i-1', { access: access('i-1', { foreignRoute: 900, replaced: 850, ...over }) }),
    server('i-2', { access: access('i-2', over) }),
  ],
});

const ONE_CLIENT: readonly Situation[] = [
  {
    when: "a server's log shows foreign routes, and not the session that a request ended with",
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, servers: foreignAt({ showsAnswered: false }), traffic: TURNED_AWAY }),
    expected: likely('route-mismatch'),
  },
  {
    when: 'a client begins sessions on each of three servers, and sends each to another one without the cookie of the load balancer',
    runbook: 'logged-out',
    planted: evidence({
      balancer: IN_MEMORY,
      servers: {
        servers: ['i-1', 'i-2', 'i-3'].map((id, index, all) =>
          server(id, { access: access(id, { sessions: { ...traces(id, 200), ...strays(id, [all[(index + 1) % 3] ?? ''], 40) } }) }),
        ),
      },
      traffic: TURNED_AWAY,
    }),
    expected: likely('session-changes-server'),
  },
  {
    when: 'stickiness is off, and one server of three alone says that it does not know the sessions that come to it',
    runbook: 'logged-out',
    planted: evidence({
      balancer: OFF,
      servers: {
        servers: ['i-1', 'i-2', 'i-3'].map((id) =>
          server(id, { access: access(id, { sessions: strays(id, id === 'i-3' ? ['i-1', 'i-2'] : []) }) }),
        ),
      },
      traffic: TURNED_AWAY,
    }),
    expected: likely('stickiness-off'),
  },
];

const half = (over: (id: string) => Parameters<typeof access>[1]) => ({
  servers: ['i-1', 'i-2', 'i-3', 'i-4'].map((id) => server(id, { release: id < 'i-3' ? '1.4.0' : '1.3.0', access: access(id, over(id)) })),
});
const ownLost = (id: string) => ({ sessions: { ...traces(id, 20), ...traces(`lost-${id}`, 8, { lost: true }) } });

const DEPLOYS: readonly Situation[] = [
  {
    when: 'a deploy has rolled half of the servers, and they alone lose sessions',
    runbook: 'logged-out',
    planted: evidence({
      balancer: IN_MEMORY,
      deploys: { deploys: [rolling] },
      servers: half((id) => (id < 'i-3' ? ownLost(id) : { sessions: traces(id, 20) })),
      traffic: TURNED_AWAY,
    }),
    expected: certain('deploy-in-progress'),
  },
  {
    when: 'a deploy has rolled half of the servers, and the others lose as many sessions',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, deploys: { deploys: [rolling] }, servers: half(ownLost), traffic: TURNED_AWAY }),
    expected: likely('deploy-in-progress'),
  },
  {
    when: 'a deploy is rolling, and a client sends ids that it invents',
    runbook: 'logged-out',
    planted: evidence({
      balancer: IN_MEMORY,
      deploys: { deploys: [rolling] },
      servers: inventedAt('i-1', 'i-2', 'i-3'),
      traffic: TURNED_AWAY,
    }),
    expected: UNKNOWN,
  },
];

const sweep = (shortened: number, minutesBefore = 2): Evidence =>
  evidence({
    sweeps: {
      sweeps: [{ sweepId: 's-1', startedAtMs: SIGN_MS - minutesBefore * 60_000, status: 'SUCCEEDED', repaired: shortened, shortened }],
    },
    servers: losing(),
    traffic: TURNED_AWAY,
  });

/** Sweeps that shortened sessions, where the logs show that 28 % of 10,000 sessions were lost. */
const SWEEPS: readonly Situation[] = [
  { when: 'a sweep shortened 4,000 sessions', runbook: 'logged-out', planted: sweep(4_000), expected: likely('sweep-shortened') },
  { when: 'a sweep shortened 900 sessions', runbook: 'logged-out', planted: sweep(900), expected: likely('sweep-shortened') },
  {
    when: 'a sweep shortened 4,000 sessions ten hours before',
    runbook: 'logged-out',
    planted: sweep(4_000, 600),
    expected: likely('sweep-shortened'),
  },
  { when: 'a sweep shortened one session', runbook: 'logged-out', planted: sweep(1), expected: UNKNOWN, never: ['sweep-shortened'] },
];

const from = (fromMs: number, firstSignMs = SIGN_MS): Evidence => {
  const planted = evidence({
    readings: { ...emptiedReading() },
    servers: {
      servers: ['i-1', 'i-2'].map((id) =>
        server(id, { access: access(id, { ...ownLost(id), fromMs: id === 'i-2' ? fromMs : fromMs - 1 }) }),
      ),
    },
    traffic: TURNED_AWAY,
  });
  return { ...planted, fromMs, firstSignMs };
};
function emptiedReading() {
  const { readings } = evidence().sources;
  const facts = readings && 'facts' in readings ? readings.facts : undefined;
  return { ...facts, reading: facts?.reading ? { ...facts.reading, activeSessions: 40, keys: 40 } : null };
}

const WITHOUT_A_BASE: readonly Situation[] = [
  {
    when: 'sessions are lost, and the logs show half an hour before',
    runbook: 'logged-out',
    planted: from(SIGN_MS - 30 * 60_000),
    expected: certain('store-emptied'),
  },
  {
    when: 'sessions are lost, and a re-check two hours later has no log from before the first sign',
    runbook: 'logged-out',
    planted: from(NOW_MS - 60 * 60_000, NOW_MS - 120 * 60_000),
    expected: likely('store-emptied'),
  },
  {
    when: 'sessions are lost, and a fresh server has a log of the last minutes alone',
    runbook: 'logged-out',
    planted: from(SIGN_MS - 12 * 60_000),
    expected: certain('store-emptied'),
  },
];

export const OUTSIDERS: readonly Situation[] = [...STICKINESS, ...ONE_CLIENT, ...DEPLOYS, ...SWEEPS, ...WITHOUT_A_BASE];
