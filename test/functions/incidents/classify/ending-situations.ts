/** Situations in which a deploy, or Auto Scaling, ends what servers have in their memory. */
import type { Facts } from '../../../../functions/incidents/contract/evidence.ts';
import type { SessionTrace } from '../../../../functions/incidents/contract/server-facts.ts';
import { access, evidence, IN_MEMORY, NOW_MS, SIGN_MS, server, TURNED_AWAY, traces } from '../healthy-evidence.ts';
import { begunLater, DRAINED, foreignTo, lostSince, moving, orphaned, REPLACED_BEFORE, rolling, strays } from './case.ts';
import { certain, likely, NOTHING, type Situation, UNKNOWN } from './situation.ts';

/** Both servers refuse sessions since about the first sign, or refused some at this time. */
export const losing = (lastMs?: number): Facts['servers'] => ({
  servers: ['i-1', 'i-2'].map((id) => {
    const gone = lastMs === undefined ? lostSince(id, SIGN_MS - 60_000) : traces(`lost-${id}`, 8, { lost: true, lastMs });
    return server(id, { access: access(id, { sessions: { ...traces(id, 20), ...gone } }) });
  }),
});

const SCANNED: Partial<Facts['traffic']> = {
  now: { minutes: 13, requests: 4_000, redirectPercent: 5, clientErrorPercent: 40, targetErrorPercent: 0, balancerErrorPercent: 0 },
};
/** Users of servers whose logs are gone: nothing shows that a server knew their sessions. */
const ofReplaced = (count: number) =>
  Object.fromEntries(
    Object.entries(lostSince('of-replaced', SIGN_MS - 4 * 60_000, count)).map(([hash, trace]) => [
      hash,
      { ...trace, routes: ['route 9'], unknown: true as const },
    ]),
  );
const afterReplacement = (sessions: Readonly<Record<string, SessionTrace>>, scaling: Partial<Facts['scaling']> = REPLACED_BEFORE) =>
  evidence({ balancer: IN_MEMORY, scaling, servers: { servers: [foreignTo('i-1', sessions), server('i-2')] }, traffic: TURNED_AWAY });
const { lastTerminationMs: _, ...OLDER } = REPLACED_BEFORE;
const replaced = { terminated: 1, replacedUnhealthy: 1, firstTerminationMs: SIGN_MS - 90_000, lastTerminationMs: SIGN_MS - 90_000 };

export const SERVERS_THAT_END: readonly Situation[] = [
  {
    when: 'a deploy is rolling, and a scanner gets many refusals',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, deploys: { deploys: [rolling] }, traffic: SCANNED }),
    expected: UNKNOWN,
    never: ['deploy-in-progress'],
  },
  {
    when: 'a deploy is rolling, and no access log could be read',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, deploys: { deploys: [rolling] }, traffic: TURNED_AWAY, servers: 'no server answered' }),
    expected: likely('deploy-in-progress'),
  },
  {
    when: 'Auto Scaling replaced two servers whose users the others turn away',
    runbook: 'logged-out',
    planted: evidence({ balancer: DRAINED, scaling: replaced, servers: orphaned(), traffic: TURNED_AWAY }),
    expected: certain('servers-replaced'),
  },
  {
    when: 'Auto Scaling replaced a server, whose users only itself shows to be its own',
    runbook: 'logged-out',
    planted: evidence({ balancer: DRAINED, scaling: replaced, servers: orphaned(['i-3']), traffic: TURNED_AWAY }),
    expected: likely('servers-replaced'),
  },
  {
    when: 'Auto Scaling replaced servers, and nothing shows whose the ids are that the others turn away',
    runbook: 'logged-out',
    planted: evidence({ balancer: DRAINED, scaling: replaced, servers: orphaned([]), traffic: TURNED_AWAY }),
    expected: likely('servers-replaced'),
  },
  {
    when: 'Auto Scaling replaced a server, and those that stayed lose their own sessions',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, scaling: replaced, servers: losing(), traffic: TURNED_AWAY }),
    expected: UNKNOWN,
    never: ['servers-replaced'],
  },
  {
    when: 'Auto Scaling replaced a server, and sessions had been lost before',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, scaling: replaced, servers: losing(SIGN_MS - 5 * 60_000), traffic: TURNED_AWAY }),
    expected: UNKNOWN,
    never: ['servers-replaced'],
  },
  {
    when: 'Auto Scaling replaced a server while a deploy was rolling',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, scaling: replaced, servers: losing(), deploys: { deploys: [rolling] }, traffic: TURNED_AWAY }),
    expected: certain('deploy-in-progress'),
    never: ['servers-replaced'],
  },
  {
    when: 'Auto Scaling replaced a server whose sessions are in the store',
    runbook: 'logged-out',
    planted: evidence({ scaling: replaced, servers: losing(), traffic: TURNED_AWAY }),
    expected: UNKNOWN,
    never: ['servers-replaced'],
  },
  {
    when: 'Auto Scaling replaced a server, and no user misses a session',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, scaling: replaced }),
    expected: NOTHING,
  },
];

const stayed = (sessions: (id: string) => Readonly<Record<string, SessionTrace>>): Facts['servers'] => ({
  servers: ['i-1', 'i-2'].map((id) => server(id, { access: access(id, { sessions: sessions(id) }) })),
});

/** Sessions that each of two servers began itself after the replacement, and that the other one turns away. */
const wanderers = (id: string) => ({
  ...begunLater(id, 15, { routes: [id] }),
  ...traces(`later-${id === 'i-1' ? 'i-2' : 'i-1'}`, 15, { unknown: true, lost: true, firstMs: SIGN_MS - 50_000 }),
});

/** Servers ended some minutes before something else went wrong, or seems to. */
export const AFTER_REPLACEMENT: readonly Situation[] = [
  {
    when: 'Auto Scaling replaced servers, and the sessions that are lost began minutes after that',
    runbook: 'logged-out',
    planted: evidence({
      balancer: IN_MEMORY,
      scaling: REPLACED_BEFORE,
      servers: stayed((id) => ({ ...traces(id, 20), ...begunLater(id, 8) })),
      traffic: TURNED_AWAY,
    }),
    expected: UNKNOWN,
    never: ['servers-replaced'],
  },
  {
    when: 'Auto Scaling replaced servers, and sessions that began minutes after that go to several servers',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, scaling: REPLACED_BEFORE, servers: stayed(wanderers), traffic: TURNED_AWAY }),
    expected: likely('session-changes-server'),
    never: ['servers-replaced'],
  },
  {
    when: 'Auto Scaling replaced servers, and sessions that had begun before go to several servers',
    runbook: 'logged-out',
    planted: evidence({ balancer: IN_MEMORY, scaling: REPLACED_BEFORE, servers: moving, traffic: TURNED_AWAY }),
    expected: likely('servers-replaced'),
    never: ['session-changes-server'],
  },
  {
    when: 'sessions go to several servers, and those that began last stay where they began: servers were away for a moment',
    runbook: 'logged-out',
    planted: evidence({
      balancer: IN_MEMORY,
      servers: stayed((id) => ({
        ...strays(id, [id === 'i-1' ? 'i-2' : 'i-1']),
        ...traces(`last-${id}`, 10, { firstMs: NOW_MS - 120_000, begins: true }),
      })),
      traffic: TURNED_AWAY,
    }),
    expected: UNKNOWN,
    never: ['session-changes-server'],
  },
  {
    when: 'Auto Scaling replaced servers, and a document that shows no begin shows losses of sessions that were seen first after that',
    runbook: 'logged-out',
    planted: evidence({
      balancer: DRAINED,
      scaling: REPLACED_BEFORE,
      servers: stayed((id) => ({ ...traces(id, 20), ...traces(`later-${id}`, 8, { firstMs: SIGN_MS, lost: true }) })),
      traffic: TURNED_AWAY,
    }),
    expected: UNKNOWN,
    never: ['servers-replaced'],
  },
  {
    when: 'Auto Scaling replaced two servers whose users the others turn away, and nobody knows when the last one ended',
    runbook: 'logged-out',
    planted: evidence({ balancer: DRAINED, scaling: OLDER, servers: orphaned(), traffic: TURNED_AWAY }),
    expected: likely('servers-replaced'),
  },
  {
    when: 'Auto Scaling replaced servers whose users the others turn away, and a client lets sessions of its own end',
    runbook: 'logged-out',
    planted: evidence({
      balancer: IN_MEMORY,
      scaling: REPLACED_BEFORE,
      servers: stayed((id) => ({ ...traces(id, 20), ...ofReplaced(20), ...begunLater(id, 8, { routes: [id] }) })),
      traffic: TURNED_AWAY,
    }),
    expected: likely('servers-replaced'),
    never: ['route-mismatch'],
  },
  {
    when: 'Auto Scaling replaced servers, whose users come to one that stayed with a foreign route',
    runbook: 'logged-out',
    planted: afterReplacement({ ...traces('i-1', 20), ...ofReplaced(20) }),
    expected: likely('servers-replaced'),
    never: ['route-mismatch'],
  },
  {
    when: 'the same, and a client lets sessions end that it began there, as many as these users',
    runbook: 'logged-out',
    planted: afterReplacement({ ...traces('i-1', 20), ...ofReplaced(20), ...begunLater('i-1', 20) }),
    expected: likely('servers-replaced'),
    never: ['route-mismatch'],
  },
  {
    when: 'the same with more sessions of the client, of a server whose route they have',
    runbook: 'logged-out',
    planted: afterReplacement({ ...traces('i-1', 20), ...ofReplaced(20), ...begunLater('i-1', 30, { routes: ['i-1'] }) }),
    expected: likely('route-mismatch'),
  },
  {
    when: 'the same with more sessions of the client, and of others that the server keeps',
    runbook: 'logged-out',
    planted: afterReplacement({
      ...ofReplaced(20),
      ...begunLater('i-1', 30),
      ...traces('kept', 40, { firstMs: SIGN_MS - 60_000, begins: true }),
    }),
    expected: likely('route-mismatch'),
  },
  {
    when: 'a server refuses sessions that it began itself, and nobody knows when the last server ended that Auto Scaling replaced',
    runbook: 'logged-out',
    planted: afterReplacement(begunLater('i-1', 40), OLDER),
    expected: likely('servers-replaced'),
    never: ['route-mismatch'],
  },
  {
    when: 'a server refuses sessions that began within a minute of the end of the last server that Auto Scaling replaced',
    runbook: 'logged-out',
    planted: afterReplacement(begunLater('i-1', 40, { firstMs: REPLACED_BEFORE.lastTerminationMs + 60_000 })),
    expected: likely('route-mismatch'),
    never: ['servers-replaced'],
  },
];
