/** Which servers work with the store, by their own words: the release's gate, or a PING of the store where the release has none. Pure. */
import type { ServerFacts } from '../../contract/server-facts.ts';

type View = Pick<ServerFacts, 'gate' | 'store'>;

/** The result is undefined for a server that reports neither its gate nor the store. */
export const isUp = ({ gate, store }: View): boolean | undefined =>
  gate ?? (store === undefined ? undefined : store.reachable && store.error === undefined);

/**
 * A gate that is not up can have another reason (a database, mail, threads that visitors hold): a server that reaches the store by a PING
 * is not cut off from it, and one whose gate is up is not either.
 */
const isCutOff = ({ gate, store }: View): boolean =>
  gate !== true && (store === undefined ? gate === false : !store.reachable || store.error !== undefined);

export const upOf = (servers: readonly View[]): number => servers.filter((server) => isUp(server) === true).length;
export const cutOffOf = (servers: readonly View[]): number => servers.filter(isCutOff).length;

/** More than half of all: one that says nothing is neither up nor cut off. */
export const mostAreUp = (servers: readonly View[]): boolean => upOf(servers) * 2 > servers.length;
export const mostAreCutOff = (servers: readonly View[]): boolean => cutOffOf(servers) * 2 > servers.length;
