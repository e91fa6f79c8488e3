/** Which servers work with the store, by their own words: the release's gate, or a PING of the store where the release has none. Pure. */
import type { ServerFacts } from '../../contract/server-facts.ts';
import { fact, type Judge } from '../judged.ts';

type View = Pick<ServerFacts, 'gate' | 'store'>;

/** The result is undefined for a server that reports neither its gate nor the store. */
export const isUp = ({ gate, store }: View): boolean | undefined =>
  gate ?? (store === undefined ? undefined : store.reachable && store.error === undefined);

/**
 * A gate that is not up can have another reason (a database, mail, threads that visitors hold): a server that reaches the store by a PING
 * is not cut off from it, and one whose gate is up is not either.
 */
export const isCutOff = ({ gate, store }: View): boolean =>
  gate !== true && (store === undefined ? gate === false : !store.reachable || store.error !== undefined);

export const cutOffOf = (servers: readonly View[]): number => servers.filter(isCutOff).length;

/** More than half of all: one that says nothing is neither up nor cut off. */
export const mostAreUp = (servers: readonly View[]): boolean => servers.filter((one) => isUp(one) === true).length * 2 > servers.length;
export const mostAreCutOff = (servers: readonly View[]): boolean => cutOffOf(servers) * 2 > servers.length;

/** Whether the store refuses the login of the server's own connection (store_login.py): NOAUTH says only that none was tried. */
export const loginRefused = ({ store }: ServerFacts): boolean => store?.reachable === false && /^WRONGPASS\b/.test(store.error ?? '');

/** Some server is so; false only where each of them shows that it is not. @param says as in `2 of 4 servers {says}` */
export const someServer = (says: string, isSo: (server: ServerFacts) => boolean, isKnown: (server: ServerFacts) => boolean): Judge =>
  fact('servers', `servers: whether some of them ${says}`, ({ servers }, { complete }) => {
    const found = servers.filter(isSo).map(({ instanceId }) => instanceId);
    const text = `${found.length} of ${servers.length} servers ${says}`;
    if (found.length > 0) return { is: true, text: `${text} (${found.join(', ')})` };
    return complete && servers.length > 0 && servers.every(isKnown) ? { is: false, text } : undefined;
  });
