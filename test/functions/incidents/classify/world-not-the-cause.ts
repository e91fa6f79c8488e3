/** What is there in a model of an installation, could explain that users are logged out, and does not. */
import { access, IN_MEMORY, SIGN_MS, TURNED_AWAY, traces } from '../healthy-evidence.ts';
import { begunLater, foreignTo, REPLACED_BEFORE } from './case.ts';
import { cookie, type Fault, losing, rolling, shared } from './world-parts.ts';

export const ENDED = { terminated: 1, replacedUnhealthy: 1, firstTerminationMs: SIGN_MS - 90_000, lastTerminationMs: SIGN_MS - 90_000 };
export const SWEEP = { sweepId: 's-1', startedAtMs: SIGN_MS - 120_000, status: 'SUCCEEDED', repaired: 4_000, shortened: 4_000 };
export const losesOwn = (id: string) => ({ access: losing(id) });

export const NOT_THE_CAUSE: readonly Fault[] = [
  {
    name: 'something else, and servers end',
    truth: {},
    memory: true,
    sources: { scaling: ENDED, traffic: TURNED_AWAY },
    ofServer: losesOwn,
  },
  {
    name: 'something else, after servers had ended',
    truth: {},
    memory: true,
    sources: { scaling: REPLACED_BEFORE, traffic: TURNED_AWAY },
    ofServer: (id) => ({ access: access(id, { sessions: { ...traces(id, 20), ...begunLater(id, 8, { routes: [id] }) } }) }),
  },
  {
    name: 'servers ended, and a client begins sessions and lets them end',
    truth: { 'logged-out': ['servers-replaced'] },
    memory: true,
    sources: { scaling: REPLACED_BEFORE, traffic: TURNED_AWAY },
    ofServer: (id) => ({
      ...foreignTo(id, {
        ...traces(id, 20),
        ...traces('of-ended', 20, { unknown: true, lost: true }),
        ...begunLater(id, 30),
      }),
    }),
  },
  {
    name: 'something else, and a deploy is rolling',
    truth: {},
    memory: true,
    sources: { deploys: { deploys: [rolling] }, traffic: TURNED_AWAY },
    ofServer: (id, index) => ({ ...losesOwn(id), ...(index % 2 === 0 && { release: '1.3.0' }) }),
  },
  {
    name: 'something else, and a sweep shortened a session',
    truth: {},
    sources: { sweeps: { sweeps: [{ ...SWEEP, repaired: 900, shortened: 1 }] }, traffic: TURNED_AWAY },
    ofServer: losesOwn,
  },
  {
    name: 'stickiness is off, and the servers share their sessions',
    truth: {},
    memory: true,
    sources: { balancer: { ...IN_MEMORY, stickiness: { enabled: false } } },
    ofServer: shared,
  },
  {
    name: 'stickiness is off, and nobody misses it',
    truth: {},
    memory: true,
    sources: { balancer: { ...IN_MEMORY, stickiness: { enabled: false } } },
  },
  { name: 'a strict cookie that nobody misses', truth: {}, ofServer: () => cookie({ sameSite: 'Strict' }) },
];
