/** What faults of the model are made of. */
import type { Cause, Runbook } from '../../../../functions/incidents/contract/causes.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { access, application, type evidence, NOW_MS, SIGN_MS, traces, unreachable } from '../healthy-evidence.ts';
import { lost, lostAlways, strays } from './case.ts';

export type Truth = Readonly<Partial<Record<Runbook, readonly Cause[]>>>;
export type Sources = NonNullable<Parameters<typeof evidence>[0]>;

/** What is broken: what it changes in the sources beyond the servers, in each server, and what is right to say. */
export interface Fault {
  readonly name: string;
  readonly truth: Truth;
  readonly memory?: true;
  readonly sources?: Sources;
  readonly ofServer?: (id: string, index: number, count: number) => Partial<ServerFacts>;
  /** The re-check before found the same. */
  readonly lasts?: true;
}

export const CUT_OFF = { store: { reachable: false, error: 'ETIMEDOUT' } };
export const losing = (id: string) => access(id, { sessions: { ...traces(id, 20), ...lost(id) } });
export const losingAlways = (id: string) => access(id, { sessions: { ...traces(id, 20), ...lostAlways(id) } });
/** Each server's own sessions, and those of the others, which it never knew and turned away. */
export const straying = (id: string, _index: number, count: number) => {
  const others = Array.from({ length: count }, (_, at) => `i-${at + 1}`).filter((other) => other !== id);
  return { access: access(id, { sessions: strays(id, others, 12) }) };
};
/** What each of its own servers shows of users that come to several of them, and whose sessions the servers share. */
export const shared = (id: string) => ({ access: access(id, { sessions: traces('all', 30) }) });
/** Ids that a client makes up and sends to each server. */
export const INVENTED = traces('invented', 40, { unknown: true, lost: true });
export const logged = (category: 'storeConnection' | 'readOnly' | 'outOfMemory' | 'serialization', count: number) =>
  application({ [category]: count, firstMs: { [category]: SIGN_MS - 60_000 }, lastMs: { [category]: NOW_MS - 1_000 } });
export const rolling = { deployId: 'd-1', from: '1.3.0', to: '1.4.0', status: 'RUNNING', startedAtMs: SIGN_MS - 6 * 60_000 };
export const FULL = { memoryUsedBytes: 99_000_000 };
export const GONE = { nodes: [unreachable('node-1'), unreachable('node-2')], dialects: [], sizes: {} };
export const outage = (cause: Cause, ...more: readonly Cause[]): Truth => ({
  'store-failure': [cause, ...more],
  'logged-out': ['store-connection-failures'],
});
export const cookie = (over: object) => ({
  cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite: 'Lax' as const, secure: true, httpOnly: true, slides: true, ...over },
});
export const explosion = (cause: Cause): Truth => ({ 'session-explosion': [cause] });
export const loggedOut = (cause: Cause): Truth => ({ 'logged-out': [cause] });
