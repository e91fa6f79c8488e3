/** The store failed. */
import type { Evidence } from '../../contract/evidence.ts';
import { failoverAt, failoversOf } from '../../trouble/failovers.ts';
import { withOwnLines } from '../../trouble/own-lines.ts';
import { AND_ERRORS, atServers, beforeAlarm, type Explains, OF_STORE, ofFailover, ofStoreErrors, whileItFailsOver } from '../explains.ts';
import { loginsRefused, noServerRefused, refusedServers, serverRefused } from '../facts/store-logins.ts';
import {
  failedOver,
  failoverReported,
  isRedundant,
  noNode,
  noPrimary,
  ofNodes,
  primaryStartedAnew,
  refusesWrites,
  restartedAlone,
  serverCutOff,
  storeAnswers,
  storeIsSlow,
} from '../facts/store-nodes.ts';
import {
  collectorFindsNone,
  cutOffServers,
  failoverBegins,
  failoverPending,
  foundOnlyNow,
  mostServersReach,
  noNodeLeft,
  othersMiss,
  overdueMinutes,
  serversFail,
  wasAway,
  wayIsCut,
  wayWasCut,
} from '../facts/store-reach.ts';
import { allOf, anyOf, not } from '../judged.ts';
import type { Condition, TableRow } from '../row.ts';

const OTHERS_MISS: Condition = {
  asks: 'Somebody else than the collector misses the store: a server, a replica, users who get errors, or a health check that asks it. Servers that are silent show nothing.',
  judge: othersMiss,
};
const NOT_REDUNDANT: Condition = { asks: 'Automatic failover is off, or there is no replica.', judge: not(isRedundant) };
const WAY_IS_CUT: Condition = {
  ruledOut: 'a way that is cut',
  asks: 'The name of the store is not known, or a rule on the way to it was changed just before, or taken away for a while: then it is the way of all.',
  judge: anyOf(wayIsCut, wayWasCut),
};
const COLLECTOR_ALONE: Condition = {
  ruledOut: 'a collector that alone is cut off',
  asks: 'Most servers reach the store while the collector finds no primary: then it is the way of the collector that is broken.',
  judge: allOf(noPrimary, mostServersReach),
};

const onlyCutOff = (evidence: Evidence): string | undefined => {
  const [only, another] = cutOffServers(evidence);
  return another === undefined ? only : undefined;
};

/** At the servers that are cut off, or at all while nothing went through. */
const ofCutOff: Explains['covers'] = (cell, evidence) =>
  wayWasCut(evidence).truth === true ? true : atServers(cutOffServers)(cell, evidence);

export const STORE_FAILURE: readonly TableRow[] = [
  {
    cause: 'store-not-redundant',
    title: 'The primary is gone, and nothing takes over by itself: no replica, or automatic failover is off',
    sentence: (evidence) => {
      const anew = primaryStartedAnew(evidence)?.name;
      return noPrimary(evidence).truth === false && anew !== undefined
        ? `the session store was away and came back: ${anew} restarted, and no replica took over, because it has no automatic failover`
        : 'the session store is down, and nothing takes over by itself, because it has no automatic failover';
    },
    explains: { channels: [...AND_ERRORS, ...OF_STORE], time: beforeAlarm },
    needs: [
      {
        asks: 'No primary takes writes, or the only one restarted just before. It is certain where its host refuses connections, or ElastiCache says that the group is not available: silence can be the network.',
        judge: anyOf(ofNodes(noPrimary), restartedAlone),
      },
      NOT_REDUNDANT,
      OTHERS_MISS,
    ],
    refutedBy: [WAY_IS_CUT, COLLECTOR_ALONE],
    mitigations: ['re-login-page', 'promote-replica'],
  },
  {
    cause: 'store-down',
    title: 'No node of the store answers, or none did for minutes',
    sentence: (evidence) => (wasAway(evidence).truth ? wasAway(evidence).text : 'the session store is down: none of its nodes answers'),
    explains: { channels: [...AND_ERRORS, ...OF_STORE], time: beforeAlarm },
    needs: [
      {
        asks: 'No node answers at all. It is certain where their hosts refuse connections, or ElastiCache says that the group is not available: silence can be the network. Or none did for minutes, which is likely at the most.',
        judge: anyOf(ofNodes(noNode), wasAway),
      },
      OTHERS_MISS,
    ],
    refutedBy: [WAY_IS_CUT, COLLECTOR_ALONE],
    yieldsTo: ['store-not-redundant'],
    mitigations: ['re-login-page'],
  },
  {
    cause: 'store-failing-over',
    title: 'The primary is gone, and a replica takes over',
    sentence: (evidence) => {
      const { length } = failoversOf(evidence);
      if (failedOver(evidence).truth === true) return `the session store failed over to a replica${length > 1 ? `, ${length} times` : ''}`;
      const next = overdueMinutes(evidence) === undefined ? 'a replica is about to take over' : 'no replica has taken over';
      return `the primary of the session store is gone, and ${next}`;
    },
    explains: { channels: [...AND_ERRORS, ...OF_STORE], time: ofFailover, covers: whileItFailsOver },
    needs: [
      {
        asks: 'A failover was reported around the first sign; or the primary is gone, for the servers too, while a replica answers. It is not certain of one that is only silent, and after a quarter of an hour without a report.',
        judge: failoverBegins,
      },
    ],
    refutedBy: [
      {
        ruledOut: 'a store that is gone as a whole',
        asks: 'No node answers anybody: nothing can take over.',
        judge: noNodeLeft,
      },
      NOT_REDUNDANT,
    ],
    yieldsTo: ['store-not-redundant', 'store-down'],
    mitigations: ['re-login-page', 'promote-replica'],
  },
  {
    cause: 'store-rejects-logins',
    title: 'The store answers and refuses the login: a password or user that was changed on one side',
    sentence: 'the session store refuses logins: a password or user was changed on one side alone',
    explains: { channels: [...AND_ERRORS, ...OF_STORE], time: ofStoreErrors, covers: atServers(refusedServers) },
    needs: [
      {
        asks: 'A node refuses the login of the collector (WRONGPASS, NOAUTH, NOPERM) or of the application on a server, which tries its own (WRONGPASS); or many logins are refused.',
        judge: loginsRefused,
      },
    ],
    refutedBy: [
      {
        ruledOut: 'a refusal that concerns no user',
        asks: 'No server is refused, and their logs have no errors of the store: then no user is concerned.',
        judge: noServerRefused,
      },
    ],
    yieldsTo: ['store-not-redundant', 'store-down'],
    mitigations: ['re-login-page'],
  },
  {
    cause: 'server-partitioned',
    title: 'Servers cannot reach a store that is well: a security group, a route, a name',
    sentence: (evidence) => {
      const [way, before] = [wayIsCut(evidence), wayWasCut(evidence)];
      if (before.truth === true) return `servers could not reach the session store for a while, although it was well: ${before.text}`;
      if (way.truth === true) return `servers and collector cannot reach the session store, which ElastiCache says is well: ${way.text}`;
      const only = onlyCutOff(evidence);
      return only !== undefined
        ? `server ${only} cannot reach the session store, although the store is well: its network is cut off from it`
        : 'servers cannot reach the session store, although the store is well: their network is cut off from it';
    },
    explains: { channels: [...AND_ERRORS, ...OF_STORE], time: beforeAlarm, covers: ofCutOff },
    needs: [
      {
        asks: 'A server cannot reach the store; or none could from when a rule on the way to it was taken away until it was put back, by CloudTrail.',
        judge: anyOf(serverCutOff, wayWasCut),
        byOneServer: true,
      },
      {
        asks: 'A primary answers inside the network; or nobody reaches the store since its name is not known, or since a rule was changed, while ElastiCache says that it is well. The latter is likely at the most.',
        judge: anyOf(storeAnswers, wayIsCut),
      },
    ],
    refutedBy: [{ asks: 'The store refuses the login of those servers: then the network is well.', judge: serverRefused }],
    yieldsTo: ['store-not-redundant', 'store-down', 'store-failing-over', 'store-rejects-logins'],
    about: { instanceId: onlyCutOff },
    // Its network stays cut off after a restart.
  },
  {
    cause: 'store-read-only',
    title: 'The store answers and refuses writes: servers stayed on the old primary after a failover, or the primary cannot write',
    sentence: (evidence) =>
      failoverAt(evidence) === undefined
        ? 'servers write to a node of the store that refuses writes (READONLY, NOREPLICAS or MISCONF)'
        : 'servers get READONLY: they write to the old primary, which is a replica after the failover',
    explains: { channels: [...AND_ERRORS, ...OF_STORE], time: ofStoreErrors, covers: withOwnLines('storeErrors') },
    needs: [
      {
        asks: 'What should be a primary refuses writes, or logs have its errors (READONLY, NOREPLICAS, MISCONF).',
        judge: refusesWrites,
      },
    ],
    refutedBy: [{ asks: 'The primary is gone and a failover is about to happen.', judge: failoverPending }],
    yieldsTo: ['store-not-redundant', 'store-down'],
    mitigations: ['re-login-page'],
  },
  {
    cause: 'store-slow',
    alsoFor: 'logged-out',
    title: 'The store is busy or slow: a script, KEYS, or too much work for its one thread',
    sentence: (evidence) => `the session store does not answer in time: ${storeIsSlow(evidence).text}`,
    explains: { channels: [...AND_ERRORS, ...OF_STORE], time: beforeAlarm },
    needs: [
      {
        asks: 'A node runs a script and answers nothing else, or the primary answers after more than a second, and is not quick for the function on the fleet’s side. It is never certain: a script can be over in a moment.',
        judge: storeIsSlow,
      },
    ],
    refutedBy: [{ asks: 'A failover was reported: then nodes are slow for a moment.', judge: failoverReported }],
    yieldsTo: ['store-not-redundant', 'store-down', 'store-failing-over', 'store-rejects-logins'],
  },
  {
    cause: 'collector-cut-off',
    title: 'The collector alone cannot reach the store: no user is concerned',
    sentence: 'the collector alone cannot reach the session store, while the servers do: its own network is cut off from it',
    explains: { channels: ['nodes'] },
    needs: [
      { asks: 'The collector finds no primary, and cannot reach the nodes.', judge: collectorFindsNone },
      { asks: 'Most servers reach the store.', judge: mostServersReach },
    ],
    refutedBy: [
      { asks: 'A failover was reported: then the primary was gone for a moment.', judge: failoverReported },
      {
        ruledOut: 'servers that fail although their PING is answered',
        asks: 'The gates of most servers are not UP, or they answer with more errors than before: a PING asks for less than an application does.',
        judge: serversFail,
      },
      {
        ruledOut: 'a failover that is about to happen',
        asks: 'A re-check two minutes before did not find the same: then a failover may be about to happen.',
        judge: foundOnlyNow,
      },
    ],
  },
];
