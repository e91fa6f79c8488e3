/** The store failed, or sessions explode. */
import type { Evidence } from '../contract/evidence.ts';
import { failoverAt, failoversOf } from '../trouble/store-away.ts';
import { atServers, type Explains, whileItFailsOver } from './explains.ts';
import {
  dialectOf,
  growsWithSessions,
  isOtherData,
  memoryGrows,
  moreRequests,
  sessionsAreFew,
  sessionsAreLarge,
  sessionsGrow,
  sessionsWithoutTtl,
  unknownKeysGrow,
} from './facts/memory.ts';
import {
  checkedTwice,
  collectorFindsNone,
  cutOffServers,
  failedOver,
  failoverBegins,
  failoverPending,
  failoverReported,
  isRedundant,
  loginsRefused,
  mostServersReach,
  noNode,
  noNodeLeft,
  noPrimary,
  noServerRefused,
  ofNodes,
  othersMiss,
  overdueMinutes,
  primaryStartedAnew,
  refusesWrites,
  restartedAlone,
  serverCutOff,
  serverRefused,
  storeAnswers,
  storeIsSlow,
  wasAway,
  wayIsCut,
  wayWasCut,
} from './facts/reach.ts';
import { madeBy, madeByMachines, madeByPeople } from './facts/session-facts.ts';
import { tableOf } from './judge-row.ts';
import { allOf, anyOf, neverSure, not } from './judged.ts';
import { byOne, is, STORE } from './rows-of-users.ts';

const FEW_SESSIONS = is('data that is not of sessions', sessionsAreFew);
const NOT_REDUNDANT = is('a store without automatic failover', not(isRedundant));
const OTHERS_MISS = is('a server, a replica, users or a health check miss the store too', othersMiss);
const WAY_IS_CUT = is('a way to the store that is or was cut', anyOf(wayIsCut, wayWasCut));
const COLLECTOR_ALONE = is('a collector that alone is cut off', allOf(noPrimary, mostServersReach));
const SESSIONS_GROW = is('the number of sessions, or the memory, grows', sessionsGrow);
const onlyCutOff = (evidence: Evidence): string | undefined => {
  const [only, another] = cutOffServers(evidence);
  return another === undefined ? only : undefined;
};
const ofCutOff: Explains['covers'] = (cell, evidence) =>
  wayWasCut(evidence).truth === true ? true : atServers(cutOffServers)(cell, evidence);

export const STORE_FAILURE = tableOf('store-failure', [
  {
    cause: 'store-down',
    title: 'No node of the store answers, or none did for minutes; or its primary is gone, and nothing takes over by itself',
    sentence: (evidence) => {
      if (wasAway(evidence).truth) return wasAway(evidence).text;
      const anew = primaryStartedAnew(evidence)?.name;
      if (noPrimary(evidence).truth === false && anew !== undefined)
        return `the session store was away and came back: ${anew} restarted, and no replica took over, because it has no automatic failover`;
      return noNode(evidence).truth === true
        ? 'the session store is down: none of its nodes answers'
        : 'the session store is down, and nothing takes over by itself, because it has no automatic failover';
    },
    explains: STORE,
    needs: [
      is(
        'no node answers, or none did for minutes; or no primary takes writes, or the only one restarted, without automatic failover',
        anyOf(ofNodes(noNode), wasAway, allOf(anyOf(ofNodes(noPrimary), restartedAlone), not(isRedundant))),
      ),
      OTHERS_MISS,
    ],
    not: [WAY_IS_CUT, COLLECTOR_ALONE],
    mitigations: ['re-login-page', 'promote-replica'],
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
    explains: { ...STORE, covers: whileItFailsOver },
    needs: [is('a failover was reported around the first sign, or the primary is gone while a replica answers', failoverBegins)],
    not: [is('a store that is gone as a whole', noNodeLeft), NOT_REDUNDANT],
    mitigations: ['re-login-page', 'promote-replica'],
  },
  {
    cause: 'store-rejects-logins',
    title: 'The store answers and refuses the login: a password or user that was changed on one side',
    sentence: 'the session store refuses logins: a password or user was changed on one side alone',
    explains: STORE,
    needs: [is('a node refuses the login of the collector or of a server, or many logins are refused', loginsRefused)],
    not: [is('a refusal that concerns no server', noServerRefused)],
    mitigations: ['re-login-page'],
  },
  {
    cause: 'server-partitioned',
    title: 'Servers cannot reach a store that is well: a security group, a route, a name',
    sentence: (evidence) => {
      const [way, before, only] = [wayIsCut(evidence), wayWasCut(evidence), onlyCutOff(evidence)];
      if (before.truth === true) return `servers could not reach the session store for a while, although it was well: ${before.text}`;
      if (way.truth === true) return `servers and collector cannot reach the session store, which ElastiCache says is well: ${way.text}`;
      const who = only === undefined ? 'servers cannot' : `server ${only} cannot`;
      return `${who} reach the session store, although the store is well: the network is cut off from it`;
    },
    explains: { ...STORE, covers: ofCutOff },
    needs: [
      byOne('a server cannot reach the store, or none could while a rule on the way to it was taken away', anyOf(serverCutOff, wayWasCut)),
      // What is silent for a server can also be a store that is full of connections or busy.
      is('a primary answers the collector, or it is the way of all that is cut', neverSure(anyOf(storeAnswers, wayIsCut))),
    ],
    not: [is('a login that the store refuses: then the network is well', serverRefused)],
    yieldsTo: ['store-down'],
    about: { instanceId: onlyCutOff },
  },
  {
    cause: 'store-read-only',
    title: 'The store answers and refuses writes: servers stayed on the old primary after a failover, or the primary cannot write',
    sentence: (evidence) =>
      failoverAt(evidence) === undefined
        ? 'servers write to a node of the store that refuses writes (READONLY, NOREPLICAS or MISCONF)'
        : 'servers get READONLY: they write to the old primary, which is a replica after the failover',
    explains: STORE,
    needs: [is('what should be a primary refuses writes, or logs have its errors', refusesWrites)],
    not: [is('a failover that is about to happen', failoverPending)],
    mitigations: ['re-login-page'],
  },
  {
    cause: 'store-slow',
    alsoFor: 'logged-out',
    title: 'The store is busy or slow: a script, KEYS, or too much work for its one thread',
    sentence: (evidence) => `the session store does not answer in time: ${storeIsSlow(evidence).text}`,
    explains: STORE,
    needs: [is('a node runs a script, or the primary answers after more than a second while people wait', storeIsSlow)],
  },
  {
    cause: 'collector-cut-off',
    title: 'The collector alone cannot reach the store: no user is concerned',
    sentence: 'the collector alone cannot reach the session store, while the servers do: its own network is cut off from it',
    explains: { in: ['collector'] },
    needs: [
      is('the collector finds no primary, and cannot reach the nodes', collectorFindsNone),
      is('most servers reach the store', mostServersReach),
    ],
    not: [is('a failover', failoverReported), is('a failover that is about to happen', not(checkedTwice))],
  },
]);

export const SESSION_EXPLOSION = tableOf('session-explosion', [
  {
    cause: 'missing-expiry',
    title: 'Sessions are stored without a TTL',
    sentence: (evidence) => `the store fills because sessions (${dialectOf(evidence) ?? ''}) are written without a TTL and never expire`,
    explains: { in: ['memory'] },
    needs: [is('some of the sampled sessions have no TTL; certain if they hold a fifth of the data', sessionsWithoutTtl)],
    not: [FEW_SESSIONS],
    about: { dialect: dialectOf },
    mitigations: ['sweep-now'],
  },
  {
    cause: 'large-sessions',
    title: 'Large objects are stored in sessions',
    sentence: 'the store fills because large objects are kept in sessions',
    explains: { in: ['memory'] },
    // A few large sessions hold most of the bytes of any store that is nearly empty.
    needs: [
      is('sessions of 64 KB or more hold most of the sampled bytes', sessionsAreLarge),
      is('memory is tight, or grows', growsWithSessions),
    ],
    not: [FEW_SESSIONS],
  },
  {
    cause: 'session-per-request',
    title: 'Requests that never bring a cookie back (bots, health checks, scripts) create a session each',
    sentence: (evidence) =>
      ({
        machines:
          'the store fills with sessions of bots, health checks or scripts that never send their cookie back: each request creates one',
        replaced: 'the store fills because nearly every request gets another session in place of the one that it names',
        browsers:
          'the store fills with sessions that are hardly ever used again: of newcomers, of machines with names of browsers, or of browsers whose cookie does not come back',
      })[madeBy(evidence)],
    explains: { in: ['memory', 'visitors'] },
    needs: [is('most new sessions are of no browsers, or next to none is used again', madeByMachines), SESSIONS_GROW],
    not: [FEW_SESSIONS],
  },
  {
    cause: 'not-sessions',
    title: "Something else fills the store: other keys, a framework's own ones, clients' buffers",
    sentence: "the store fills with something other than sessions: other keys, a framework's own ones, or clients' buffers",
    explains: { in: ['memory'] },
    needs: [
      is(
        "sessions take a small part of the data, or keys without a TTL by design or clients' buffers a large one, while memory grows; or sweeps find ever more unknown keys",
        anyOf(allOf(isOtherData, memoryGrows), unknownKeysGrow),
      ),
    ],
  },
  {
    cause: 'more-users',
    title: 'There are more users than before',
    sentence: 'the store fills because there are more users than before: sessions and requests rise together',
    explains: { in: ['memory'] },
    needs: [
      is('requests rose by half or more', moreRequests),
      SESSIONS_GROW,
      is('new sessions are of browsers, and few for the requests', madeByPeople),
    ],
    not: [FEW_SESSIONS],
    yieldsTo: ['not-sessions'],
  },
]);
