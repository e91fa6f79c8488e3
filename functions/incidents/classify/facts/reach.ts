/** Who says that the store is gone: the collector by what it reads of the nodes, and the servers by their own connections. */
import { clockText } from '../../../shared/texts.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import type { StoreGroupFacts, StoreNodeFacts } from '../../contract/store-facts.ts';
import { changeBefore, putBackBy } from '../../trouble/changes.ts';
import { awayText, awayTimes, LINES_OF_STORE, latestReading, nodesOf, reportsFailover, servesWrites } from '../../trouble/store-health.ts';
import { BEFORE_SIGN_MS, serversOf } from '../../trouble/traces.ts';
import { onsetOf } from '../../trouble/trouble.ts';
import { allOf, anyOf, fact, hint, type Judge, neverSure, no, not, shaky, yes } from '../judged.ts';
import { inTrouble, someInTrouble, wordsAbout } from './in-trouble.ts';

type View = Pick<ServerFacts, 'ready' | 'store'>;

/** The result is undefined for a server that reports neither readiness nor the store. */
export const isUp = ({ ready, store }: View): boolean | undefined =>
  ready ?? (store === undefined ? undefined : store.reachable && store.error === undefined);

/** A readiness check can fail for another reason (a database, threads that visitors hold): a server with the store is not cut off. */
export const isCutOff = ({ ready, store }: View): boolean =>
  ready !== true && (store === undefined ? ready === false : !store.reachable || store.error !== undefined);

export const cutOffOf = (servers: readonly View[]): number => servers.filter(isCutOff).length;

/** More than half of all: one that says nothing is neither up nor cut off. */
export const mostAreUp = (servers: readonly View[]): boolean => servers.filter((one) => isUp(one) === true).length * 2 > servers.length;
export const mostAreCutOff = (servers: readonly View[]): boolean => cutOffOf(servers) * 2 > servers.length;

/** Whether the store refuses the login of the server's own connection (own_view.py): NOAUTH says only that none was tried. */
export const loginRefused = ({ store }: ServerFacts): boolean => store?.reachable === false && /^WRONGPASS\b/.test(store.error ?? '');

/** Some server is so; false only where each of them shows that it is not. @param says as in `2 of 4 servers {says}` */
export const someServer = (says: string, isSo: (server: ServerFacts) => boolean, isKnown: (server: ServerFacts) => boolean): Judge =>
  fact('servers', `servers: whether some of them ${says}`, ({ servers }, { complete }) => {
    const found = servers.filter(isSo).map(({ instanceId }) => instanceId);
    const text = `${found.length} of ${servers.length} servers ${says}`;
    if (found.length > 0) return { is: true, text: `${text} (${found.join(', ')})` };
    return complete && servers.length > 0 && servers.every(isKnown) ? { is: false, text } : undefined;
  });

const isRecent = (atMs: number, { firstSignMs }: Evidence): boolean => atMs >= firstSignMs - BEFORE_SIGN_MS;

/** A node that shows a certificate answers, whatever is wrong with that. */
const OF_TLS = /certificate|self.signed/i;
const SAID = {
  ok: 'answers',
  unreachable: 'cannot be reached',
  loading: 'is loading its data',
  readOnly: 'refuses writes',
  refusedLogin: 'refuses the login of the collector',
  noConnections: 'takes no more connections',
  busy: 'runs a script, and answers nothing else',
  slow: 'answers after more than a second',
} as const;
const statesOf = (nodes: readonly StoreNodeFacts[]): string =>
  nodes
    .map(({ name, state, error = '', isAddress }) => {
      const which = isAddress ? `the store's address ${name}` : name;
      return `${which} ${SAID[state]}${OF_TLS.test(error) ? ` (${error})` : ''}`;
    })
    .join(', ');

/** It answers, and does not show its role: it can be the primary, and take the writes of those who get in. */
const isShut = ({ state, error = '' }: StoreNodeFacts): boolean =>
  state === 'refusedLogin' || state === 'noConnections' || OF_TLS.test(error);

const isOutOfConnections = (evidence: Evidence): boolean => (latestReading(evidence)?.connectionsPercent ?? 0) >= 95;

const shardsOf = (group: StoreGroupFacts | undefined): number =>
  Math.max(1, group?.shards ?? 0, (group?.members ?? []).filter(({ role }) => role === 'primary').length);

/** Every node of the group is among them, whatever else is missing: sessions cannot be sampled while no primary answers. */
const areAll = (nodes: readonly StoreNodeFacts[], evidence: Evidence, complete: boolean): boolean =>
  complete ||
  nodes.filter(({ isAddress }) => !isAddress).length >= (factsOf(evidence, 'storeGroup')?.members.length ?? Number.POSITIVE_INFINITY);

export const noPrimary = fact(
  'store',
  'session store: whether a primary takes writes (one whose connections are all in use looks as if it were gone)',
  ({ nodes }, { complete, evidence }) => {
    const writable = nodes.filter(servesWrites);
    const group = factsOf(evidence, 'storeGroup');
    if (nodes.length > 0 && writable.length >= shardsOf(group))
      return { is: false, text: `a primary answers (${statesOf(writable)})`, sure: group !== undefined };
    if (nodes.length === 0 || nodes.some(isShut) || isOutOfConnections(evidence)) return undefined;
    // A node that answers without a role could be the primary.
    const sure = areAll(nodes, evidence, complete) && nodes.every(({ state, role }) => state !== 'ok' || role !== undefined);
    return { is: true, text: `no primary takes writes: ${statesOf(nodes)}`, sure };
  },
);
export const storeAnswers = not(noPrimary);

export const noNode = fact('store', 'session store: its nodes', ({ nodes }, { complete, evidence }) => {
  if (nodes.length === 0 || isOutOfConnections(evidence)) return undefined;
  const isDead = nodes.every((node) => (node.state === 'unreachable' || node.state === 'loading') && !isShut(node));
  return {
    is: isDead,
    text: `${isDead ? 'no node answers' : 'some node answers'}: ${statesOf(nodes)}`,
    sure: !isDead || areAll(nodes, evidence, complete),
  };
});

function groupTrouble(evidence: Evidence): string | undefined {
  const status = factsOf(evidence, 'storeGroup')?.status;
  return status === 'available' ? undefined : status;
}

/** A host refuses the connection, a node cannot serve, or ElastiCache says it: a time-out is a fact about the observer. */
export const ofNodes =
  (judge: Judge): Judge =>
  (evidence) => {
    const isSilent = nodesOf(evidence).some(({ state, error = '' }) => state === 'unreachable' && !/ECONNREFUSED/.test(error));
    return isSilent && groupTrouble(evidence) === undefined ? hint(judge)(evidence) : judge(evidence);
  };

export const replicaAnswers = fact('store', 'session store: its nodes', ({ nodes }) => {
  const replica = nodes.find(({ state, role }) => role === 'replica' && (state === 'ok' || state === 'readOnly'));
  return { is: replica !== undefined, text: replica ? `a replica answers: ${replica.name}` : 'no replica answers' };
});

export const isRedundant = fact('storeGroup', 'replication group', ({ automaticFailover, members }) => ({
  is: automaticFailover,
  text: `automatic failover is ${automaticFailover ? 'on' : 'off'} (${members.length} nodes)`,
}));

export const someNode = (state: StoreNodeFacts['state']): Judge =>
  fact('store', 'session store: every node', ({ nodes }, { complete }) => {
    const found = nodes.filter((node) => node.state === state);
    if (found.length > 0) return { is: true, text: statesOf(found) };
    return complete && nodes.length > 0 ? { is: false, text: `no node ${SAID[state]}` } : undefined;
  });

/** A primary whose process began around the first sign or later: one that was promoted is older. */
export const primaryStartedAnew = (evidence: Evidence): StoreNodeFacts | undefined =>
  nodesOf(evidence).find(
    (node) => servesWrites(node) && isRecent(evidence.toMs - (node.uptimeSeconds ?? Number.POSITIVE_INFINITY) * 1_000, evidence),
  );

const failoverEvent = fact('storeGroup', 'replication group: its events', ({ events }, { evidence }) => {
  const event = events.find(({ message, atMs }) => isRecent(atMs, evidence) && reportsFailover(message));
  return { is: event !== undefined, text: `ElastiCache reports ${event ? 'a' : 'no'} failover`, sinceMs: event?.atMs };
});

const countedFailover = fact(
  'readings',
  "collector's readings: whether the store failed over or restarted",
  ({ reading }, { evidence }) => {
    if (!reading) return undefined;
    if (reading.failovers === 0 || !isRecent(reading.takenAtMs, evidence))
      return { is: false, text: 'the collector found the same primary as before', sure: true };
    if (primaryStartedAnew(evidence) !== undefined) return undefined;
    return { is: true, text: 'the collector found another primary than before', sinceMs: reading.takenAtMs };
  },
);

const roleChanged = fact('store', 'session store: its nodes', ({ nodes }, { evidence }) => {
  const before = factsOf(evidence, 'readings')?.reading?.nodes ?? [];
  const promoted = nodes.find(
    (node) => servesWrites(node) && before.some((old) => old.name === node.name && 'role' in old && old.role === 'replica'),
  );
  if (promoted) return { is: true, text: `${promoted.name} is the primary now, and was a replica at the last reading` };
  return { is: false, text: 'no node that was a replica at the last reading is the primary now', sure: false };
});

export const failoverReported = anyOf(failoverEvent, countedFailover);
export const failedOver = anyOf(failoverReported, roleChanged);

/** The primary restarted around the first sign, and users got errors of the store. It is over. */
export const restartedAlone: Judge = (evidence) => {
  const [anew, errors] = [primaryStartedAnew(evidence), inTrouble('storeErrors')(evidence)];
  return anew !== undefined && errors.truth === true
    ? shaky(yes('store', `${anew.name} restarted ${anew.uptimeSeconds} s ago; ${errors.text}`))
    : no('store', 'no primary restarted around the first sign');
};

/** For minutes the collector read no primary, while servers had errors of it; now it does. It is over. */
export const wasAway: Judge = (evidence) => {
  const times = awayTimes(evidence);
  const isBack = times.some(({ untilMs }) => isRecent(untilMs, evidence)) && noPrimary(evidence).truth === false;
  if (!isBack) return no('readings', 'the collector read a primary in each minute');
  return shaky(yes('readings', `the session store was away ${awayText(times)}, and answers again`, times[0]?.fromMs));
};

/** Most failovers are over within a minute or two; after so long without one it is not certain that there will be any. */
const LONGEST_FAILOVER_MS = 15 * 60_000;

/** How long a failover has been awaited in vain, in minutes; undefined while one can still be under way, or if one came. */
export function overdueMinutes(evidence: Evidence): number | undefined {
  // The alarm comes minutes after the first error.
  const sinceMs = Math.min(evidence.firstSignMs, onsetOf(evidence, 'storeErrors') ?? evidence.firstSignMs);
  const forMs = evidence.toMs - Math.max(sinceMs, evidence.firstSignMs - BEFORE_SIGN_MS);
  return forMs > LONGEST_FAILOVER_MS && failedOver(evidence).truth !== true ? Math.round(forMs / 60_000) : undefined;
}

/** Its PING fails, and it is not ready: one that is has asked the store in the application's own way. */
const isAway = (server: ServerFacts): boolean => server.store?.reachable === false && server.ready !== true && !loginRefused(server);
const isReaching = ({ store }: ServerFacts): boolean => store?.reachable === true && store.error === undefined;
/** A server under load waits for itself: its own time-out says nothing of the store, and nothing certain of the way to it. */
const isOwnWait = ({ store }: ServerFacts): boolean => store?.reason === 'timeout';

export const cutOffServers = (evidence: Evidence): readonly string[] =>
  serversOf(evidence)
    .filter(isAway)
    .map(({ instanceId }) => instanceId);

export const serverCutOff = fact('servers', "the servers' own view of the store", ({ servers }) => {
  const cut = servers.filter(({ store }) => store?.reachable === false);
  const text = `${cut.length} of ${servers.length} servers cannot reach the store`;
  if (cut.length > 0) return { is: true, text, sure: !cut.every(isOwnWait) };
  return servers.every(({ store }) => store) ? { is: false, text } : undefined;
});

/** More than half of the servers reach the store: true; more than half get nothing of use from it: false. A server that does not say counts for neither. */
export const mostServersReach = fact('servers', 'servers: whether most of them reach the store', ({ servers }, { complete }) => {
  const reaching = servers.filter(isReaching);
  const without = servers.filter((server) => isAway(server) || (server.store?.reachable && server.store.error !== undefined));
  if (reaching.length * 2 > servers.length)
    return { is: true, text: `${reaching.length} of ${servers.length} servers reach the store`, sure: complete };
  const text = `${without.length} of ${servers.length} servers cannot reach the store`;
  // Two that reach it show that a node works: then it can be the network of the others, and of the collector.
  const sure = complete && reaching.length < 2 && !without.every(isOwnWait);
  return without.length * 2 > servers.length ? { is: false, text, sure } : undefined;
});
const mostCutOff = not(mostServersReach);

/** No node that the collector reached takes writes or refuses them: it cannot reach the primary. */
export const collectorFindsNone = allOf(
  noPrimary,
  fact('store', 'session store: its nodes', ({ nodes }) => {
    const unreached = nodes.filter(({ state }) => state === 'unreachable');
    const others = nodes.filter(({ state, role }) => state !== 'unreachable' && !(state === 'ok' && role === 'replica'));
    const text = `the collector cannot reach ${unreached.length} of ${nodes.length} nodes`;
    return { is: unreached.length > 0 && others.length === 0, text };
  }),
);

const serverMisses = someServer(
  'cannot reach the store',
  (server) => isCutOff(server) && !loginRefused(server),
  ({ store }) => store !== undefined,
);

/** Somebody else than the collector misses the store. Silent servers are no witness; a node that says that it has no primary needs none. */
export const hasWitness: Judge = (evidence) =>
  noPrimary(evidence).truth !== false && collectorFindsNone(evidence).truth === false
    ? yes('store', 'the nodes that answer have no primary')
    : anyOf(serverMisses, hint(someInTrouble(['errors', 'redirects', 'refusals'])), wordsAbout('storeConnection'))(evidence);

export const storeGone: Judge = (evidence) => {
  if (noPrimary(evidence).truth !== true) return noPrimary(evidence);
  return (mostServersReach(evidence).truth === null ? neverSure(allOf(noPrimary, hasWitness)) : allOf(noPrimary, mostCutOff))(evidence);
};

export const storeTrouble = anyOf(storeGone, mostCutOff, ...LINES_OF_STORE.map(wordsAbout));

/** The primary is gone while a replica answers: a failover has to follow. One that is only silent can be busy or full. */
const failoverFollows: Judge = (evidence) => {
  const judged = allOf(storeGone, replicaAnswers)(evidence);
  const isGone = nodesOf(evidence).every(
    ({ state, error = '' }) => state !== 'unreachable' || /^connect E|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ECONNREFUSED/.test(error),
  );
  return isGone && overdueMinutes(evidence) === undefined ? judged : hint(() => judged)(evidence);
};
export const failoverBegins = anyOf(failedOver, failoverFollows);
/** The same now, and not yet over. The servers' PING says nothing of it: a replica answers it too. */
export const failoverPending = allOf(noPrimary, replicaAnswers, isRedundant);

/** One or two are a person's. */
const FEWEST_REFUSED = 5;

export const serverRefused = someServer(
  'are refused their login by the store',
  loginRefused,
  ({ store }) => store !== undefined && !store.loginUntried && (store.reachable || store.error !== undefined),
);
/** No server uses the store with an error: whatever is refused there is not theirs. */
export const noServerRefused = not(anyOf(serverRefused, wordsAbout('storeConnection')));

const manyRefused = fact('readings', "collector's readings: refused logins", (_, { evidence }) => {
  const refused = latestReading(evidence)?.authenticationFailures ?? 0;
  const is = refused >= FEWEST_REFUSED;
  return { is, text: `${refused} logins were refused in the minute before the last reading`, sure: !is };
});
export const loginsRefused = anyOf(serverRefused, someNode('refusedLogin'), manyRefused);
export const refusesWrites = anyOf(someNode('readOnly'), wordsAbout('readOnly'));

const changeOfTheWay = (evidence: Evidence) => changeBefore(evidence, ['security-group', 'network-acl', 'route']);

/** Nobody reaches the store, and knows its name no more, or a rule was changed just before, while ElastiCache finds the group well. */
export const wayIsCut: Judge = (evidence) => {
  const none = noNode(evidence);
  if (none.truth !== true) return none;
  if (groupTrouble(evidence) !== undefined) return no('storeGroup', `ElastiCache says that the group is ${groupTrouble(evidence)}`);
  if (nodesOf(evidence).every(({ unreachableReason }) => unreachableReason === 'dns'))
    return shaky(yes('store', 'no name of the store is known any more, which says nothing of the store'));
  const change = changeOfTheWay(evidence);
  if (change === undefined) return no('changes', 'CloudTrail shows no change of the way to the store');
  return shaky(yes('changes', `${change.event} by ${change.roleArn}, while ElastiCache says that the group is available`, change.atMs));
};

/** Servers had errors of the store from when a rule on the way to it was taken away, until it was put back. It is over. */
export const wayWasCut = fact('changes', 'changes of the way to the store', (_, { evidence }) => {
  const cut = changeOfTheWay(evidence);
  const back = cut && putBackBy(cut, evidence);
  const errors = inTrouble('storeErrors')(evidence);
  if (cut === undefined || back === undefined || noPrimary(evidence).truth !== false || errors.truth !== true)
    return { is: false, text: 'CloudTrail shows no rule of the way to the store that was taken away and put back', sure: true };
  const text = `${cut.event} at ${clockText(cut.atMs)} UTC, ${back.event} at ${clockText(back.atMs)} UTC (${cut.resource}); ${errors.text}`;
  return { is: true, text, sure: false, sinceMs: cut.atMs };
});
