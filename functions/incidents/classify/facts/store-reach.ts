/**
 * Who says that the store is gone: the collector by what it reads of the nodes, and the servers by their own connections. Each of them
 * can be the one that is cut off. Pure.
 */
import { clockText } from '../../../shared/times.ts';
import { type ChangeKind, type Evidence, factsOf } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { changeBefore, putBackBy } from '../../trouble/changes.ts';
import { awayText, awayTimes } from '../../trouble/store-away.ts';
import { LINES_OF_STORE, nodesOf, servesWrites } from '../../trouble/store-channels.ts';
import { BEFORE_SIGN_MS, serversOf } from '../../trouble/traces.ts';
import { onsetOf } from '../../trouble/trouble.ts';
import { allOf, anyOf, firmIf, hint, type Judge, judgeSource, neverSure, no, not, open, shaky, whether, yes } from '../judged.ts';
import { wordsAbout } from './application-logs.ts';
import { alsoSeen, fleetCutOff, fleetReaches } from './fleet-witness.ts';
import { inTrouble, someInTrouble } from './in-trouble.ts';
import { isCutOff, loginRefused, someServer } from './servers-up.ts';
import { failedOver, failoverReported, groupTrouble, isRedundant, noNode, noPrimary, replicaAnswers, replicaLost } from './store-nodes.ts';

/** Its PING fails, and its release's own gate is not up: a gate that is up has asked the store in the application's own way. */
const isAway = (server: ServerFacts): boolean => server.store?.reachable === false && server.gate !== true && !loginRefused(server);
/** It answers a PING, and not with an error such as LOADING. */
const isReaching = ({ store }: ServerFacts): boolean => store?.reachable === true && store.error === undefined;

/** One server can be wrong, or lie. */
const SURE_SERVERS = 2;

const byServers = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const reaching = servers.filter(isReaching);
  const without = servers.filter((server) => isAway(server) || (server.store?.reachable && server.store.error !== undefined));
  const text = `${without.length} of ${servers.length} servers cannot reach the store`;
  if (reaching.length * 2 > servers.length) {
    // A server asks one node alone, which says nothing of the other shards.
    if (someShardsLack(evidence)) return open('servers', 'servers: whether they reach each shard of the store');
    return firmIf(complete, yes('servers', `${reaching.length} of ${servers.length} servers reach the store`));
  }
  if (without.length * 2 <= servers.length) return open('servers', 'servers: whether most of them reach the store');
  const isOwnWait = without.every(({ store }) => store?.reason === 'timeout');
  // Two that reach it show that a node works: then it can be the network of the others, and of the collector.
  return firmIf(
    complete && !isOwnWait && reaching.length < SURE_SERVERS,
    no('servers', reaching.length > 0 ? `${text}; ${reaching.length} do` : text),
  );
});

const someShardsLack = (evidence: Evidence): boolean => noPrimary(evidence).truth === true && nodesOf(evidence).some(servesWrites);

/** More than half of the servers reach the store: true; more than half get nothing of use from it: false. A server that does not say counts for neither. */
export const mostServersReach: Judge = (evidence) =>
  // Where they say nothing, what works from their network is no store that is gone. It asks one shard alone.
  (byServers(evidence).truth === null && !someShardsLack(evidence) ? alsoSeen(byServers, fleetReaches) : byServers)(evidence);

export const mostCutOff = not(mostServersReach);

/** No node that the collector reached takes writes or refuses them: it cannot reach the primary. */
export const collectorFindsNone = allOf(
  noPrimary,
  judgeSource('store', ({ nodes }) => {
    const unreached = nodes.filter(({ state }) => state === 'unreachable');
    const others = nodes.filter(({ state, role }) => state !== 'unreachable' && !(state === 'ok' && role === 'replica'));
    const text = `the collector cannot reach ${unreached.length} of ${nodes.length} nodes`;
    return whether('store', unreached.length > 0 && others.length === 0, text);
  }),
);

const serverMisses = someServer(
  'cannot reach the store',
  (server) => isCutOff(server) && !loginRefused(server),
  ({ store }) => store !== undefined,
);

/** The load balancer finds most servers unhealthy by a check that asks the store. Never firm: the check asks for more than that. */
const targetsFail = judgeSource('balancer', ({ healthCheckAsksStore, targets }) => {
  const unhealthy = targets.filter(({ state }) => state === 'unhealthy').length;
  const text = `${unhealthy} of ${targets.length} targets are unhealthy`;
  return healthCheckAsksStore && unhealthy * 2 > targets.length ? shaky(yes('balancer', text)) : no('balancer', text);
});

const someoneElseMisses = alsoSeen(
  anyOf(serverMisses, replicaLost, hint(someInTrouble(['errors', 'redirects', 'refusals'])), targetsFail, wordsAbout('storeConnection')),
  fleetCutOff,
);
/** Somebody else than the collector misses the store. Silent servers are no witness; a node that says that it has no primary needs none. */
export const othersMiss: Judge = (evidence) =>
  noPrimary(evidence).truth !== false && collectorFindsNone(evidence).truth === false
    ? yes('store', 'the nodes that answer have no primary')
    : someoneElseMisses(evidence);

export const storeGone: Judge = (evidence) => {
  if (noPrimary(evidence).truth !== true) return noPrimary(evidence);
  return (mostServersReach(evidence).truth === null ? neverSure(allOf(noPrimary, othersMiss)) : allOf(noPrimary, mostCutOff))(evidence);
};

/** Words of a log are hints, also while a PING is answered; and so are collector and fleet's side, where a proxy answers the servers' PING. */
export const storeTrouble = alsoSeen(
  anyOf(storeGone, mostCutOff, ...LINES_OF_STORE.map(wordsAbout)),
  neverSure(allOf(noPrimary, fleetCutOff)),
);

/** For minutes the collector read no primary, while servers had errors of it; now it does. Never firm: it is over. */
export const wasAway: Judge = (evidence) => {
  const [times, atMs] = [awayTimes(evidence), evidence.firstSignMs - BEFORE_SIGN_MS];
  const isBack = times.some(({ untilMs }) => untilMs >= atMs) && noPrimary(evidence).truth === false;
  if (!isBack) return no('readings', 'the collector read a primary in each minute');
  return shaky(yes('readings', `the session store was away ${awayText(times)}, and answers again`, times[0]?.fromMs));
};

export const noNodeLeft = allOf(noNode, storeGone);

/** Most failovers are over within a minute or two; after so long without one it is not certain that there will be any. */
const LONGEST_FAILOVER_MS = 15 * 60_000;

/** How long a failover has been awaited in vain, in minutes; undefined while one can still be under way, or if one came. */
export function overdueMinutes(evidence: Evidence): number | undefined {
  // The alarm comes minutes after the first error.
  const sinceMs = Math.min(evidence.firstSignMs, onsetOf(evidence, 'storeErrors') ?? evidence.firstSignMs);
  const forMs = evidence.toMs - Math.max(sinceMs, evidence.firstSignMs - BEFORE_SIGN_MS);
  return forMs > LONGEST_FAILOVER_MS && failedOver(evidence).truth !== true ? Math.round(forMs / 60_000) : undefined;
}

/** Its host or its process is gone. One that is only silent, or closes the connection, can be busy or full, and nothing fails over then. */
const GONE = /^connect E|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ECONNREFUSED/;

const isGone = (evidence: Evidence): boolean =>
  nodesOf(evidence).every(({ state, error = '' }) => state !== 'unreachable' || GONE.test(error));

/** The primary is gone while a replica answers: a failover has to follow. */
const failoverFollows: Judge = (evidence) => {
  const judged = allOf(storeGone, replicaAnswers)(evidence);
  if (judged.truth !== true) return judged;
  if (nodesOf(evidence).some(({ state }) => state === 'busy')) return no('store', 'a node runs a script, and is not gone');
  const minutes = overdueMinutes(evidence);
  if (minutes === undefined) return firmIf(isGone(evidence), judged);
  return shaky({ ...judged, text: `${judged.text}; no failover was reported in ${minutes} minutes` });
};

export const failoverBegins = anyOf(failedOver, failoverFollows);

/** The same now, and not yet over. The servers' PING says nothing of it: a replica answers it too. */
export const failoverPending = allOf(noPrimary, replicaAnswers, isRedundant);

const gatesFail = judgeSource('servers', ({ servers }) => {
  const gates = servers.flatMap(({ gate }) => (gate === undefined ? [] : [gate]));
  const down = gates.filter((gate) => !gate).length;
  const text = `the gate of ${down} of ${gates.length} servers is not UP`;
  if (down * 2 > gates.length) return shaky(yes('servers', text));
  return gates.length === servers.length && servers.length > 0
    ? no('servers', text)
    : open('servers', 'servers: whether their gates are UP');
});
/**
 * The servers' PING is answered, and they do not work with the store all the same: it asks for less than an application does. Never
 * firm, since a gate and an error can have another reason.
 */
export const serversFail: Judge = (evidence) =>
  // A gate asks the store in the application's own way; where there is none, what users get has to show it.
  (gatesFail(evidence).truth === null ? hint(inTrouble('errors')) : gatesFail)(evidence);

/** A failover takes a minute or so, and is reported then. */
const LOOKS_APART_MS = 2 * 60_000;

/** The re-check before this one, long enough ago, did not find the same. Never true: one that found otherwise shows nothing of now. */
export const foundOnlyNow: Judge = (evidence) => {
  const { lookBefore, sources } = evidence;
  const takenAtMs = sources.store && 'takenAtMs' in sources.store ? sources.store.takenAtMs : evidence.toMs;
  const apart = open('store', 'the store was checked once: the next re-check, two minutes later or more, checks it again');
  if (lookBefore === undefined || takenAtMs - lookBefore.atMs < LOOKS_APART_MS) return apart;
  const before: Evidence = { ...evidence, sources: lookBefore.sources };
  if (allOf(collectorFindsNone, mostServersReach, not(failoverReported))(before).truth !== true) return apart;
  const minutes = Math.floor((takenAtMs - lookBefore.atMs) / 60_000);
  return no('store', `the re-check ${minutes} minutes before found the same`);
};

/**
 * Nobody reaches the store, the collector neither, and it is the way that is cut: nobody knows its name, or a rule was changed just before,
 * while ElastiCache says that the group is well. Never firm: the store can be gone at the same time.
 */
export const wayIsCut: Judge = (evidence) => {
  const none = noNode(evidence);
  if (none.truth !== true) return none;
  const status = groupTrouble(evidence);
  if (status !== undefined) return no('storeGroup', `ElastiCache says that the group is ${status}`);
  if (nodesOf(evidence).every(({ unreachableReason }) => unreachableReason === 'dns'))
    return shaky(yes('store', 'no name of the store is known any more, which says nothing of the store'));
  const change = changeOfTheWay(evidence);
  if (change === undefined) return no('changes', 'CloudTrail shows no change of the way to the store');
  const { event, roleArn, atMs } = change;
  const state = factsOf(evidence, 'storeGroup')?.status ?? 'of no known state';
  return shaky(yes('changes', `${event} by ${roleArn}, while ElastiCache says that the group is ${state}`, atMs));
};

/**
 * Servers had errors of the store from when a rule on the way to it was taken away, until it was put back. Never firm: PING says nothing of
 * a time that is over.
 */
export const wayWasCut = judgeSource('changes', (_, { evidence }) => {
  const cut = changeOfTheWay(evidence);
  const back = cut && putBackBy(cut, evidence);
  const none = no('changes', 'CloudTrail shows no rule of the way to the store that was taken away and put back');
  if (cut === undefined || back === undefined || noPrimary(evidence).truth !== false) return none;
  const errors = inTrouble('storeErrors')(evidence);
  const text = `${cut.event} at ${clockText(cut.atMs)} UTC, ${back.event} at ${clockText(back.atMs)} UTC (${cut.resource})`;
  return errors.truth === true ? shaky(yes('changes', `${text}; ${errors.text}`, cut.atMs)) : none;
});

/** CloudTrail shows a change of this kind just before the trouble began. @param what was changed, in a sentence */
export const changedBefore = (kind: ChangeKind, what: string): Judge =>
  judgeSource('changes', (_, { evidence }) => {
    const change = changeBefore(evidence, [kind]);
    return change
      ? yes('changes', `${change.event} by ${change.roleArn}`, change.atMs)
      : no('changes', `CloudTrail shows no change of ${what}`);
  });

const changeOfTheWay = (evidence: Evidence) => changeBefore(evidence, ['security-group', 'network-acl', 'route']);

export const cutOffServers = (evidence: Evidence): readonly string[] =>
  serversOf(evidence)
    .filter(isAway)
    .map(({ instanceId }) => instanceId);
