/** What evidence of one cause each is made of. */
import type { Cause } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import type { ServerFacts, SessionTrace } from '../../../../functions/incidents/contract/server-facts.ts';
import { access, FROM_MS, IN_MEMORY, NOW_MS, SIGN_MS, server, traces } from '../healthy-evidence.ts';

export interface Case {
  readonly cause: Cause;
  readonly when: string;
  /** @default certain */
  readonly confidence?: 'likely';
  readonly planted: Evidence;
}

export const rolling = { deployId: 'd-1', from: '1.3.0', to: '1.4.0', status: 'RUNNING', startedAtMs: SIGN_MS - 6 * 60_000 };
/** Sessions that were lost one after another since some minutes before the first sign. */
export const lost = (name: string) => lostSince(name, SIGN_MS - 5 * 60_000);
export const lostSince = (name: string, fromMs: number, count = 8): Record<string, SessionTrace> =>
  Object.fromEntries(
    Object.entries(traces(`lost-${name}`, count, { lost: true })).map(([hash, trace], index) => [
      hash,
      { ...trace, lastMs: fromMs + (index * (NOW_MS - 1_000 - fromMs)) / count },
    ]),
  );
/** Used by their own server until another one turns them away, one after another since some minutes before the first sign. */
const leaving = (name: string, count: number, over: Partial<SessionTrace> = {}) =>
  Object.fromEntries(
    Object.entries(traces(name, count)).map(([hash, trace], index) => [
      hash,
      { ...trace, lastMs: SIGN_MS - 4 * 60_000 + (index * (NOW_MS - SIGN_MS + 3 * 60_000)) / count - (over.lost ? 0 : 500), ...over },
    ]),
  );
/** Sessions that were lost all the time, as long as the logs go back. */
export const lostAlways = (name: string) => lostSince(name, FROM_MS + 60_000, 12);
/** Each server's own sessions, and those of the others, which it never knew and turned away. */
export const strays = (id: string, others: readonly string[], count = 15) => ({
  ...leaving(`of-${id}`, count),
  ...Object.assign({}, ...others.map((other) => leaving(`of-${other}`, count, { unknown: true, lost: true }))),
});
export const moving = {
  servers: ['i-1', 'i-2'].map((id) => server(id, { access: access(id, { sessions: strays(id, [id === 'i-1' ? 'i-2' : 'i-1']) }) })),
};
/** The servers that end are drained and still answer: the others turn their users away, and lose none of their own. */
export const DRAINED = {
  ...IN_MEMORY,
  targets: ['i-1', 'i-2', 'i-3', 'i-4'].map((instanceId) => ({ instanceId, state: instanceId < 'i-3' ? 'healthy' : 'draining' })),
};
const ENDING = ['i-3', 'i-4'];
export const orphaned = (ending = ENDING): Facts['servers'] => ({
  servers: [
    ...['i-1', 'i-2'].map((id) => server(id, { access: access(id, { sessions: strays(id, ENDING) }) })),
    ...ending.map((id) => server(id, { access: access(id, { sessions: leaving(`of-${id}`, 15) }) })),
  ],
});

/** Both servers, with the same facts changed. */
export function bothServers(over: Partial<ServerFacts> | ((id: string) => Partial<ServerFacts>)): Facts['servers'] {
  return { servers: ['i-1', 'i-2'].map((id) => server(id, typeof over === 'function' ? over(id) : over)) };
}
/** Both servers, with sessions that were refused. */
export function losing() {
  return bothServers((id) => ({ access: access(id, { sessions: { ...traces(id, 20), ...lost(id) } }) }));
}
/** Auto Scaling had replaced two servers some minutes before users were turned away. */
export const REPLACED_BEFORE = {
  terminated: 2,
  replacedUnhealthy: 2,
  firstTerminationMs: SIGN_MS - 6 * 60_000,
  lastTerminationMs: SIGN_MS - 5 * 60_000,
};
/** No person asks for anything, as the logs count people by the minute. */
export const NOBODY = { minuteMs: SIGN_MS, requests: 0, redirects: 0, clientErrors: 0, serverErrors: 0 };
/** Sessions that a server gave out after that, and refuses one after another. */
export const begunLater = (id: string, count: number, over: Partial<SessionTrace> = {}) =>
  Object.fromEntries(
    Object.entries(lostSince(`later-${id}`, SIGN_MS, count)).map(([hash, trace]) => [
      hash.replace(/^lost-/, ''),
      { ...trace, routes: ['route 1'], firstMs: SIGN_MS - 60_000, requests: 2, begins: true as const, ...over },
    ]),
  );
/** One server adds a foreign route, and refuses these sessions, as far as its log goes. */
export const foreignTo = (id: string, sessions: Readonly<Record<string, SessionTrace>>) =>
  server(id, { route: 'route 1', access: access(id, { foreignRoute: 900, replaced: 850, sessions }) });
