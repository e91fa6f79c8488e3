/** What the store's nodes, and the servers that use them, say. Pure. */
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { StoreGroupFacts, StoreNodeFacts } from '../../contract/store-facts.ts';
import { CHANNELS_OF_PEOPLE, isTroubled } from '../../trouble/channels.ts';
import { meaningOf } from '../../trouble/failovers.ts';
import { latestReading, nodesOf, servesWrites } from '../../trouble/store-channels.ts';
import { BEFORE_SIGN_MS, serversOf } from '../../trouble/traces.ts';
import { troubleOf } from '../../trouble/trouble.ts';
import { allOf, anyOf, firmIf, type Judge, judgeSource, no, not, open, shaky, whether, yes } from '../judged.ts';
import { wordsAbout } from './application-logs.ts';
import { alsoSeen, fleetCutOff, fleetReadOnly } from './fleet-witness.ts';
import { inTrouble } from './in-trouble.ts';
import { someServer } from './servers-up.ts';

const namesOf = (nodes: readonly StoreNodeFacts[]): string => nodes.map(({ name }) => name).join(', ');
const statesOf = (nodes: readonly StoreNodeFacts[]): string =>
  nodes
    .map(({ name, state, error = '', isAddress }) => {
      const which = isAddress ? `the store's address ${name}` : name;
      return `${which} ${SAID[state]}${OF_TLS.test(error) ? ` (${error})` : ''}`;
    })
    .join(', ');
/** Without the store's own address, which leads to one of them. */
const counted = (nodes: readonly StoreNodeFacts[]): number => nodes.filter(({ isAddress }) => !isAddress).length;
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

/** Share of a node's connections, or of its engine's one thread, from which next to nothing is left for others. */
const FULL_PERCENT = 95;

/** It answers, and does not show its role: it can be the primary, and take the writes of those who get in. */
const isShut = ({ state, error = '' }: StoreNodeFacts): boolean =>
  state === 'refusedLogin' || state === 'noConnections' || OF_TLS.test(error);

/**
 * What the last reading shows of a node that works, and falls silent all the same: without a connection that is left it
 * closes every new one (`hides`), and during a long command (KEYS, a script) it is silent.
 */
export function strainOf(
  evidence: Evidence,
  nodes: readonly StoreNodeFacts[],
): { readonly text: string; readonly hides: boolean } | undefined {
  const { connectionsPercent = 0, engineCpuPercent = null } = latestReading(evidence) ?? {};
  const hides = connectionsPercent >= FULL_PERCENT;
  if (!nodes.some(({ state }) => state === 'unreachable') || (!hides && (engineCpuPercent ?? 0) < FULL_PERCENT)) return undefined;
  const what = hides
    ? `a node had ${Math.round(connectionsPercent)} % of its connections in use, and one that takes no more`
    : `the engine of a node was busy at ${Math.round(engineCpuPercent ?? 0)} %, and a long command (KEYS, a script)`;
  return { hides, text: `; at the last reading ${what} looks the same` };
}

/** Every node of the group is among them, whatever else of the source is missing: sessions cannot be sampled while no primary answers. */
function allNodes(evidence: Evidence, nodes: readonly StoreNodeFacts[], complete: boolean): boolean {
  const group = factsOf(evidence, 'storeGroup');
  if (complete || group === undefined) return complete;
  const replicas = nodes.filter(({ role }) => role === 'replica').length;
  // A group that knows fewer replicas than answer is not this store's, or is changing: the node that is missing can be its primary.
  return counted(nodes) >= group.members.length && replicas <= replicasOf(group);
}

/** A group of several shards has a primary for each. In cluster mode ElastiCache names no roles, and so no replicas. */
const shardsOf = ({ shards, members }: StoreGroupFacts): number =>
  Math.max(1, shards ?? 0, members.filter(({ role }) => role === 'primary').length);
const replicasOf = (group: StoreGroupFacts): number => {
  const named = group.members.filter(({ role }) => role !== undefined);
  if (named.length === 0 && group.shards !== undefined) return Math.max(0, group.members.length - shardsOf(group));
  return named.filter(({ role }) => role === 'replica').length;
};

/** Fewer primaries take writes than the group has shards, by what the collector reads of them. */
export const noPrimary = judgeSource('store', ({ nodes }, { complete, evidence }) => {
  if (nodes.length === 0) return open('store', 'session store: no node is known');
  const writable = nodes.filter(servesWrites);
  const group = factsOf(evidence, 'storeGroup');
  const shards = group === undefined ? 1 : shardsOf(group);
  if (writable.length >= shards) return firmIf(group !== undefined, no('store', `a primary answers (${statesOf(writable)})`));
  const shut = nodes.filter(isShut);
  if (shut.length > 0) return open('store', `session store: whether a primary takes writes (${statesOf(shut)}, and can be the primary)`);
  const strain = strainOf(evidence, nodes);
  if (strain?.hides) return open('store', `session store: whether a primary takes writes (${statesOf(nodes)}${strain.text})`);
  // A node that answers without a role could be the primary.
  const whole = allNodes(evidence, nodes, complete) && nodes.every(({ state, role }) => state !== 'ok' || role !== undefined);
  const which = writable.length > 0 ? `${shards - writable.length} of ${shards} shards have no primary that` : 'no primary';
  return firmIf(whole && strain === undefined, yes('store', `${which} takes writes: ${statesOf(nodes)}${strain?.text ?? ''}`));
});

/** No node answers at all: none is left that could take over. */
export const noNode = judgeSource('store', ({ nodes }, { complete, evidence }) => {
  if (nodes.length === 0) return open('store', 'session store: no node is known');
  const dead = nodes.filter((node) => (node.state === 'unreachable' || node.state === 'loading') && !isShut(node));
  if (dead.length < nodes.length) return no('store', `${counted(nodes) - counted(dead)} of ${counted(nodes)} nodes answer`);
  const strain = strainOf(evidence, nodes);
  if (strain?.hides) return open('store', `session store: whether a node works (${statesOf(nodes)}${strain.text})`);
  const text = `none of ${counted(nodes)} nodes answers: ${statesOf(nodes)}${strain?.text ?? ''}`;
  return firmIf(allNodes(evidence, nodes, complete) && strain === undefined, yes('store', text));
});

/** Its host answers, and no process does. A silence, or a name that is not known, can be the network's. */
const REFUSED = /ECONNREFUSED/;

/**
 * That nodes are gone, and not the way to them: a host refuses the connection, a node answers that it cannot serve, or ElastiCache says
 * that the group is not well. Others that miss them can be cut off by the same rule.
 */
export const ofNodes =
  (judge: Judge): Judge =>
  (evidence) => {
    const judged = judge(evidence);
    const isSilent = nodesOf(evidence).some(({ state, error = '' }) => state === 'unreachable' && !REFUSED.test(error));
    if (judged.truth !== true || !judged.firm || !isSilent || groupTrouble(evidence) !== undefined) return judged;
    return shaky({ ...judged, text: `${judged.text}; what is silent can also be cut off by a rule, a route or a name` });
  };

/** The state of the group, where ElastiCache says that it is not well. */
export function groupTrouble(evidence: Evidence): string | undefined {
  const status = factsOf(evidence, 'storeGroup')?.status;
  return status === 'available' ? undefined : status;
}

export const replicaAnswers = judgeSource('store', ({ nodes }, { complete, evidence }) => {
  const replicas = nodes.filter(({ state, role }) => role === 'replica' && (state === 'ok' || state === 'readOnly'));
  if (replicas.length > 0) return yes('store', `a replica answers: ${namesOf(replicas)}`);
  return firmIf(allNodes(evidence, nodes, complete), no('store', 'no replica answers'));
});

/** A replica has lost its primary. A link that is up shows nothing: it takes a minute to notice a primary that is silent. */
export const replicaLost = judgeSource('store', ({ nodes }) => {
  const lost = nodes.filter(({ role, linkUp }) => role === 'replica' && linkUp === false);
  return lost.length > 0
    ? yes('store', `${namesOf(lost)} has lost its primary`)
    : open('store', 'session store: whether its replicas have lost their primary');
});

/** A replica takes over by itself when the primary fails. */
export const isRedundant = judgeSource('storeGroup', (group) => {
  const { automaticFailover, members } = group;
  if (automaticFailover && replicasOf(group) === 0) return no('storeGroup', 'the group has no replica');
  return whether('storeGroup', automaticFailover, `automatic failover is ${automaticFailover ? 'on' : 'off'} (${members.length} nodes)`);
});

const serverUnreached = someServer(
  'cannot reach the store',
  ({ store }) => store?.reachable === false,
  ({ store }) => store !== undefined,
);
/** Some server cannot reach the store now; what all of them share cannot, where they say nothing. */
export const serverCutOff: Judge = (evidence) => {
  const unreached = serverUnreached(evidence);
  // A server under load waits for itself: its own time-out says nothing of the store, and nothing certain of the way to it.
  const isOwnWait = serversOf(evidence).every(({ store }) => store?.reachable !== false || store.reason === 'timeout');
  // Its own way can be cut too, which concerns nobody: each server that reaches the store says so.
  const judged = unreached.truth === false ? unreached : alsoSeen(serverUnreached, fleetCutOff)(evidence);
  return firmIf(judged.truth !== true || !isOwnWait, judged);
};

const failoverEvent = judgeSource('storeGroup', ({ events }, { complete, evidence }) => {
  const recent = events.filter(({ message, atMs }) => atMs >= evidence.firstSignMs - BEFORE_SIGN_MS && meaningOf(message) !== 'none');
  const event = recent.find(({ message }) => meaningOf(message) === 'failover') ?? recent[0];
  if (event && meaningOf(event.message) === 'failover') return yes('storeGroup', 'ElastiCache reports a failover', event.atMs);
  if (event) return shaky(yes('storeGroup', 'ElastiCache reports something about a failover', event.atMs));
  return complete
    ? no('storeGroup', 'ElastiCache reports no failover')
    : open('storeGroup', 'replication group: whether one of the events that are left out is a failover');
});

const roleChanged = allOf(
  judgeSource('readings', ({ reading }) =>
    reading ? yes('readings', 'the last reading has the roles') : open('readings', "collector's readings: none yet"),
  ),
  judgeSource('store', ({ nodes }, { evidence }) => {
    const before = factsOf(evidence, 'readings')?.reading?.nodes ?? [];
    const wasReplica = (name: string) => before.some((old) => old.name === name && 'role' in old && old.role === 'replica');
    const promoted = nodes.find((node) => servesWrites(node) && wasReplica(node.name));
    if (promoted) return yes('store', `${promoted.name} is the primary now, and was a replica at the last reading`);
    // A node that is known by the store's own address has another name afterwards, or another node has its name.
    return shaky(no('store', 'no node that was a replica at the last reading is the primary now'));
  }),
);

/** The collector knows primaries by their processes: one that was started anew is no other node. */
const countedFailover = judgeSource('readings', ({ reading }, { evidence }) => {
  if (!reading) return open('readings', "collector's readings: none yet");
  if (reading.failovers === 0 || reading.takenAtMs < evidence.firstSignMs - BEFORE_SIGN_MS)
    return no('readings', 'the collector found the same primary as before');
  const anew = primaryStartedAnew(evidence);
  if (anew === undefined) return yes('readings', 'the collector found another primary than before', reading.takenAtMs);
  const text = `whether the store failed over, or ${anew.name} restarted, whose process is ${anew.uptimeSeconds} s old`;
  return open('readings', `collector's readings: ${text}`);
});

/** ElastiCache reports a failover, or the collector has counted one at its last reading. Which nodes answer now does not matter. */
export const failoverReported = anyOf(failoverEvent, countedFailover);

export const failedOver = anyOf(failoverReported, roleChanged);

/** A primary whose process began around the first sign or later: one that was promoted is older. */
export const primaryStartedAnew = (evidence: Evidence): StoreNodeFacts | undefined =>
  nodesOf(evidence).find(
    (node) =>
      servesWrites(node) &&
      (node.uptimeSeconds ?? Number.POSITIVE_INFINITY) * 1_000 <= evidence.toMs - evidence.firstSignMs + BEFORE_SIGN_MS,
  );

/** The primary restarted around the first sign, and users got errors of the store. Never firm: it is over. */
export const restartedAlone: Judge = (evidence) => {
  const anew = primaryStartedAnew(evidence);
  const errors = inTrouble('storeErrors')(evidence);
  return anew !== undefined && errors.truth === true
    ? shaky(yes('store', `${anew.name} restarted ${anew.uptimeSeconds} s ago; ${errors.text}`))
    : no('store', 'no primary restarted around the first sign');
};

export const storeAnswers = not(noPrimary);

export const someNode = (state: StoreNodeFacts['state']): Judge =>
  judgeSource('store', ({ nodes }, { complete }) => {
    const found = nodes.filter((node) => node.state === state);
    if (found.length > 0) return yes('store', statesOf(found));
    return complete && nodes.length > 0 ? no('store', `no node ${SAID[state]}`) : open('store', 'session store: every node');
  });

/** A node that should take writes refuses them, or servers write to a replica. */
export const refusesWrites = alsoSeen(anyOf(someNode('readOnly'), wordsAbout('readOnly')), fleetReadOnly);

export const storeIsSlow = judgeSource('store', ({ nodes }, { complete, evidence }) => {
  const slow = nodes.find(({ state, role }) => state === 'busy' || (state === 'slow' && role !== 'replica'));
  if (slow === undefined)
    return complete ? no('store', 'each node that answers does so within a second') : open('store', 'session store: every node');
  const text = `${slow.name} ${SAID[slow.state]}`;
  // One answer that took long hurts nobody: a machine that is busy for a moment gives such.
  const { channels } = troubleOf(evidence);
  const isFelt = [...CHANNELS_OF_PEOPLE, 'storeErrors' as const].some((name) => isTroubled(channels[name]));
  const isFast = factsOf(evidence, 'witness')?.fleets.some(({ state }) => state === 'reached') ?? false;
  return slow.state === 'busy' || (isFelt && !isFast)
    ? shaky(yes('store', text))
    : open('store', `session store: whether anybody waits for it (${text})`);
});
