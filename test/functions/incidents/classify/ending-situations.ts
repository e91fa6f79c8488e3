/** Situations in which a deploy, or Auto Scaling, ends what servers have in their memory. */
import type { Facts } from '../../../../functions/incidents/contract/evidence.ts';
import { access, evidence, IN_MEMORY, NOW_MS, SIGN_MS, server, TURNED_AWAY, traces } from '../healthy-evidence.ts';
import { DRAINED, orphaned, rolling } from './case.ts';
import { certain, likely, NOTHING, type Situation, UNKNOWN } from './situation.ts';

/** Both servers refused sessions, the last of them at this time. */
export const losing = (lastMs = NOW_MS - 1_000): Facts['servers'] => ({
  servers: ['i-1', 'i-2'].map((id) =>
    server(id, { access: access(id, { sessions: { ...traces(id, 20), ...traces(`lost-${id}`, 8, { lost: true, lastMs }) } }) }),
  ),
});

const SCANNED: Partial<Facts['traffic']> = {
  now: { minutes: 13, requests: 4_000, redirectPercent: 5, clientErrorPercent: 40, targetErrorPercent: 0, balancerErrorPercent: 0 },
};
const replaced = { terminated: 1, replacedUnhealthy: 1, firstTerminationMs: SIGN_MS - 90_000 };

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
    expected: UNKNOWN,
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
    expected: likely('servers-replaced'),
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
