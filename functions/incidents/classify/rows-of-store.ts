/** The store failed, or sessions explode. */
import type { Evidence } from '../contract/evidence.ts';
import { failoverAt, failoversOf } from '../trouble/store-health.ts';
import {
  dialectOf,
  growsWithSessions,
  isOtherData,
  memoryGrows,
  sessionsAreFew,
  sessionsAreLarge,
  sessionsGrow,
  sessionsWithoutTtl,
  unknownKeysGrow,
} from './facts/memory.ts';
import {
  cutOffServers,
  failedOver,
  failoverBegins,
  failoverPending,
  hasWitness,
  isRedundant,
  loginsRefused,
  mostServersReach,
  noNode,
  noPrimary,
  noServerRefused,
  ofNodes,
  overdueMinutes,
  primaryStartedAnew,
  refusesWrites,
  restartedAlone,
  serverCutOff,
  storeAnswers,
  wasAway,
  wayIsCut,
  wayWasCut,
} from './facts/reach.ts';
import { madeBy, madeByMachines } from './facts/session-facts.ts';
import { allOf, anyOf, byOne, type Explains, is, neverSure, not, tableOf, unless } from './judged.ts';
import { ofCutOff, ofStoreErrors, whileItFailsOver } from './share.ts';

export const LOST_OR_ERRORS: Explains = { in: ['sessions', 'errors'] };
export const STORE: Explains = { in: ['sessions', 'errors', 'store'], time: ofStoreErrors };
const onlyCutOff = (evidence: Evidence): string | undefined => {
  const [only, another] = cutOffServers(evidence);
  return another === undefined ? only : undefined;
};

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
    explains: LOST_OR_ERRORS,
    needs: [
      is(
        'no node answers, or none did for minutes; or no primary takes writes, or the only one restarted, without automatic failover',
        anyOf(ofNodes(noNode), wasAway, allOf(anyOf(ofNodes(noPrimary), restartedAlone), not(isRedundant))),
      ),
      is('a server, a replica, users or a health check miss the store too', hasWitness),
    ],
    not: [
      is('a way to the store that is or was cut', anyOf(wayIsCut, wayWasCut)),
      is('a collector that alone is cut off', allOf(noPrimary, mostServersReach)),
    ],
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
    explains: { ...LOST_OR_ERRORS, time: ofStoreErrors, covers: whileItFailsOver },
    needs: [is('a failover was reported around the first sign, or the primary is gone while a replica answers', failoverBegins)],
    mitigations: ['re-login-page', 'promote-replica'],
  },
  {
    cause: 'store-refuses',
    title: 'The store answers and refuses logins, or writes: a password changed on one side, or servers that stayed on the old primary',
    sentence: (evidence) => {
      if (loginsRefused(evidence).truth === true)
        return 'the session store refuses logins: a password or user was changed on one side alone';
      return failoverAt(evidence) === undefined
        ? 'servers write to a node of the store that refuses writes (READONLY, NOREPLICAS or MISCONF)'
        : 'servers get READONLY: they write to the old primary, which is a replica after the failover';
    },
    explains: STORE,
    needs: [
      is(
        'a node refuses the login of the collector or of a server, or many logins; or what should be a primary refuses writes, or logs have its errors',
        anyOf(unless(loginsRefused, noServerRefused), unless(refusesWrites, failoverPending)),
      ),
    ],
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
    explains: { ...LOST_OR_ERRORS, covers: ofCutOff },
    needs: [
      byOne('a server cannot reach the store, or none could while a rule on the way to it was taken away', anyOf(serverCutOff, wayWasCut)),
      // What is silent for a server can also be a store that is full of connections or busy.
      is('a primary answers the collector, or it is the way of all that is cut', neverSure(anyOf(storeAnswers, wayIsCut))),
    ],
    yieldsTo: ['store-down'],
    about: { instanceId: onlyCutOff },
  },
]);

export const SESSION_EXPLOSION = tableOf('session-explosion', [
  {
    cause: 'missing-expiry',
    title: 'Sessions are stored without a TTL',
    sentence: (evidence) => `the store fills because sessions (${dialectOf(evidence) ?? ''}) are written without a TTL and never expire`,
    explains: { in: ['memory'] },
    needs: [is('some of the sampled sessions have no TTL; certain if they hold a fifth of the data', sessionsWithoutTtl)],
    about: { dialect: dialectOf },
    mitigations: ['sweep-now'],
  },
  {
    cause: 'large-sessions',
    title: 'Large objects are stored in sessions',
    sentence: 'the store fills because large objects are kept in sessions',
    // A few large sessions hold most of the bytes of any store that is nearly empty.
    needs: [
      is('sessions of 64 KB or more hold most of the sampled bytes', sessionsAreLarge),
      is('memory is tight, or grows', growsWithSessions),
    ],
    not: [is('data that is not of sessions', sessionsAreFew)],
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
    needs: [
      is('most new sessions are of no browsers, or next to none is used again', madeByMachines),
      is('the number of sessions, or the memory, grows', sessionsGrow),
    ],
  },
  {
    cause: 'not-sessions',
    title: "Something else fills the store: other keys, or a framework's own ones",
    sentence: "the store fills with something other than sessions: other keys, or a framework's own ones",
    needs: [
      is(
        'sessions take a small part of the data, or keys without a TTL by design a large one, while memory grows; or sweeps find ever more unknown keys',
        anyOf(allOf(isOtherData, memoryGrows), unknownKeysGrow),
      ),
    ],
  },
]);
