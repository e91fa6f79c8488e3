/** Every cause, in the order in which they are named when the evidence proves several. docs/incidents.md is made from it. */
import type { Cause } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import { deployAtSign, isStoreTroubleOver } from '../trouble/changes.ts';
import { emptiedText, failoverAt, failoversOf, fallsOf } from '../trouble/store.ts';
import {
  changedBefore,
  changedOnPurpose,
  deployBeforeErrors,
  deployNearSign,
  deployWarned,
  hurtByDeploy,
  hurtWithDeploy,
  lostOnNewRelease,
  rolledWhole,
  serversReplaced,
  sessionsInMemory,
  stickinessLost,
  stickinessProblem,
} from './facts/front.ts';
import {
  errorsAtSignIn,
  inTrouble,
  sessionsFallSilent,
  sessionsLost,
  sessionsOfOneServer,
  someInTrouble,
  usersTurnedAway,
  wordsAbout,
} from './facts/in-trouble.ts';
import {
  dialectOf,
  evictsCaches,
  evictsSessions,
  growsWithSessions,
  isAtLimit,
  isEmptied,
  isOtherData,
  memoryGrows,
  sessionsAreFew,
  sessionsAreLarge,
  sessionsGrow,
  sessionsWithoutTtl,
  unknownKeysGrow,
  writesRefused,
} from './facts/memory.ts';
import {
  cutOffServers,
  failedOver,
  failoverBegins,
  failoverPending,
  isRedundant,
  loginsRefused,
  mostServersReach,
  noNode,
  noPrimary,
  noServerRefused,
  ofNodes,
  othersMiss,
  overdueMinutes,
  primaryStartedAnew,
  refusesWrites,
  restartedAlone,
  serverCutOff,
  storeAnswers,
  storeTrouble,
  wasAway,
  wayIsCut,
  wayWasCut,
} from './facts/reach.ts';
import {
  comesBackWithout,
  foreignRoutes,
  isLax,
  isStrict,
  lifeIsShort,
  madeBy,
  madeByMachines,
  postsWithout,
  sessionsGoOnMoving,
  sessionsStray,
} from './facts/session-facts.ts';
import { allOf, anyOf, type Condition, type Explains, neverSure, not, type Row, tableOf, unless } from './judged.ts';
import { endedByDeploy, OF_REPLACEMENT, ofCutOff, ofEvictions, ofLives, ofReturns, ofStoreErrors, whileItFailsOver } from './share.ts';

const is = (name: string, judge: Condition['judge']): Condition => ({ name, judge });
const byOne = (name: string, judge: Condition['judge']): Condition => ({ name, judge, byOneServer: true });
const LOST: Explains = { in: ['sessions'] };
const LOST_OR_ERRORS: Explains = { in: ['sessions', 'errors'] };
const STORE: Explains = { in: ['sessions', 'errors', 'store'], time: ofStoreErrors };
const IN_MEMORY = is('sessions are in the memory of the servers', sessionsInMemory);
const DEPLOYED = is('a deploy around the first sign', deployNearSign);
const deployId = (evidence: Evidence): string | undefined => deployAtSign(evidence)?.deployId;
const onlyCutOff = (evidence: Evidence): string | undefined => {
  const [only, another] = cutOffServers(evidence);
  return another === undefined ? only : undefined;
};

const LOGGED_OUT = tableOf('logged-out', [
  {
    cause: 'store-full',
    // The alarm on refused writes starts it.
    alsoFor: 'store-failure',
    title: 'The store is full: it refuses writes, so that nobody can log in, or deletes sessions that are still in use',
    sentence: (evidence) =>
      `users are logged out because the store is full and ${isAtLimit(evidence).truth === true ? 'refuses to write their sessions' : 'deletes sessions that are still in use'}`,
    explains: { in: ['sessions', 'errors', 'memory'], time: ofEvictions },
    needs: [
      is(
        'the store has no room and refuses writes, or deletes sessions to make some',
        anyOf(allOf(isAtLimit, writesRefused), evictsSessions),
      ),
    ],
    not: [is("a cache's keys that go", evictsCaches)],
    mitigations: ['sweep-now'],
  },
  {
    cause: 'store-connection-failures',
    title: 'Servers cannot read or write sessions in the store',
    sentence: (evidence) => {
      const isOver = isStoreTroubleOver(evidence);
      return `users ${isOver ? 'were' : 'are'} logged out because servers ${isOver ? 'could not' : 'cannot'} read or write their sessions in the store`;
    },
    explains: STORE,
    needs: [
      is('sessions are in the store', not(sessionsInMemory)),
      is('no primary answers, most servers cannot reach the store, or their logs have errors of it', storeTrouble),
    ],
    mitigations: ['re-login-page'],
  },
  {
    cause: 'store-emptied',
    // After a failover that ended well, the alarm on the store shows it.
    alsoFor: 'store-failure',
    title: 'The store was emptied: a FLUSHALL, an application that logs all users out, or a node that came back without its data',
    sentence: (evidence) => {
      const anew = primaryStartedAnew(evidence)?.name;
      return `users are logged out because ${anew === undefined ? emptiedText(fallsOf(evidence)) : `the store was emptied: ${anew} restarted, and came back without its data`}`;
    },
    explains: LOST,
    needs: [
      is('most sessions and their keys are gone from one reading to the next, or within minutes', isEmptied),
      is(
        'users lose their session, or are sent away while the canary loses its own',
        anyOf(usersTurnedAway, neverSure(allOf(inTrouble('canary'), someInTrouble(['redirects', 'refusals'])))),
      ),
    ],
    yieldsTo: ['store-connection-failures'],
  },
  {
    cause: 'unreadable-sessions',
    title: "Two releases cannot read each other's sessions, or another application writes what this one cannot read",
    sentence: (evidence) =>
      `users are hurt because sessions cannot be read: ${deployBeforeErrors(evidence).truth === true ? 'the new release and the one before do not read what the other has written' : 'something else than a deploy on record writes them, as another fleet or application with this store, or reads them with another key'}`,
    explains: LOST_OR_ERRORS,
    needs: [
      is(
        "servers' logs have errors of sessions that cannot be read or decrypted",
        anyOf(wordsAbout('serialization'), wordsAbout('decryption')),
      ),
    ],
    about: { deployId },
    mitigations: ['stop-deploy'],
  },
  {
    cause: 'same-site',
    title: 'SameSite: users who come back from another site (Strict), or with a POST from there (Lax), send no cookie',
    sentence: (evidence) =>
      allOf(isStrict, comesBackWithout)(evidence).truth === true
        ? 'users who come back from another site are logged out because the session cookie is SameSite=Strict'
        : 'users whom another site sends back with a POST are logged out because the session cookie is SameSite=Lax',
    explains: { in: ['sessions', 'returns'], time: ofReturns },
    needs: [
      is(
        'the session cookie is Strict, or Lax and the requests are POSTs; those from other sites come without it, and are turned away',
        anyOf(allOf(isStrict, comesBackWithout), allOf(isLax, postsWithout)),
      ),
    ],
  },
  {
    cause: 'cookies-stripped',
    title: 'What is in front of the load balancer (a CDN, a proxy) takes the session cookie out of requests',
    sentence: 'users are logged out because their session cookie does not arrive: something in front of the load balancer takes it out',
    explains: LOST,
    needs: [
      is(
        'sessions are begun again and again and no request names one, or requests have stopped naming those that were there',
        anyOf(neverSure(inTrouble('vain', 'nearlyAll')), sessionsFallSilent),
      ),
    ],
    // Its release can use a cookie of another name.
    not: [DEPLOYED],
  },
  {
    cause: 'front-refuses',
    alsoFor: 'store-failure',
    title: 'A firewall, or the load balancer itself, refuses requests before any server sees them',
    sentence: 'requests are refused before any server sees them (4xx of the load balancer or of a firewall at it)',
    explains: { in: ['front'] },
    needs: [
      is('the load balancer itself answers more requests with 4xx than usual, and fewer well', inTrouble('balancerRefusals', 'surely')),
    ],
  },
  {
    cause: 'sign-in-fails',
    title: 'The sign-in provider fails: nobody new gets in, while sessions are well',
    sentence: 'users cannot log in because the sign-in fails, at the provider or on the way back from it',
    explains: { in: ['signIns', 'errors'] },
    needs: [
      is(
        'sign-ins by the load balancer fail, or nearly all errors are on pages by which people sign in',
        anyOf(neverSure(inTrouble('signIns')), errorsAtSignIn),
      ),
    ],
    // No release is asked for a sign-in by the load balancer.
    not: [is('a release whose own sign-in fails', allOf(not(inTrouble('signIns')), hurtWithDeploy))],
  },
  {
    cause: 'secret-differs',
    title: "Servers do not take each other's session cookies: each signs or encrypts them with a secret of its own",
    sentence: "users are logged out because servers do not take each other's session cookies, as with a secret for each server",
    explains: LOST,
    needs: [
      is('sessions are in the store', not(sessionsInMemory)),
      byOne('of the sessions that came to several servers, next to none was taken by two', sessionsOfOneServer),
    ],
  },
  {
    cause: 'stickiness-off',
    title: 'Stickiness is off (or lost), and sessions are in the memory of single servers',
    sentence: (evidence) =>
      `users are logged out because the load balancer's stickiness ${stickinessProblem(evidence)}, and each server knows its own sessions alone`,
    explains: LOST,
    needs: [
      IN_MEMORY,
      is("the target group's stickiness is off, by another cookie, or shorter than deployed", stickinessLost),
      byOne('sessions come to servers that do not know them, or users lose theirs', anyOf(sessionsStray, neverSure(sessionsLost))),
    ],
    not: [is('a change on purpose', changedOnPurpose)],
    mitigations: ['restore-stickiness'],
  },
  {
    cause: 'session-changes-server',
    title: "A user's requests go to several servers although stickiness is on, or a server's route (jvmRoute) is not its own",
    sentence: (evidence) =>
      foreignRoutes(evidence).truth === true
        ? `users are logged out because the route (jvmRoute) in their session ids is not that of their server: ${foreignRoutes(evidence).text}`
        : 'users are logged out because their requests go to several servers although stickiness is on',
    explains: LOST,
    needs: [
      IN_MEMORY,
      byOne(
        'sessions that began last change servers or routes, or a server replaces sessions of other routes',
        anyOf(sessionsGoOnMoving, foreignRoutes),
      ),
      byOne('users are turned away', neverSure(anyOf(sessionsStray, usersTurnedAway, foreignRoutes))),
    ],
    not: [is('stickiness that is off', stickinessLost), is('servers that began anew just before', changedBefore('instance'))],
  },
  {
    cause: 'servers-replaced',
    title: 'Auto Scaling ended servers, and the sessions in their memory with them',
    sentence: 'users are logged out because Auto Scaling ended servers that had their sessions in memory',
    explains: OF_REPLACEMENT,
    needs: [IN_MEMORY, is('Auto Scaling ended servers', serversReplaced)],
  },
  {
    cause: 'timeout-too-short',
    title: 'Sessions end sooner than users pause, or than the cookie and the session promise',
    sentence: 'users are logged out because their sessions end after a pause that is too short',
    explains: { in: ['sessions'], time: ofLives },
    needs: [
      is('the TTL of sessions is under two minutes, or far below what cookie or session promise', lifeIsShort),
      is('users lose their session', sessionsLost),
    ],
  },
  {
    cause: 'deploy-in-progress',
    title: 'A deploy ends sessions that it does not wait for, on the servers that it rolls',
    sentence: (evidence) => `users are logged out by the deploy ${deployId(evidence) ?? ''} of release ${deployAtSign(evidence)?.to ?? ''}`,
    explains: { ...LOST_OR_ERRORS, covers: endedByDeploy },
    needs: [
      DEPLOYED,
      is('users lose their session, or are hurt since a deploy that warned of its cookie', hurtByDeploy),
      is(
        'sessions are in memory, or are lost with the new release alone, or the deploy warned of its cookie',
        anyOf(sessionsInMemory, neverSure(lostOnNewRelease), deployWarned, allOf(rolledWhole, hurtWithDeploy)),
      ),
    ],
    yieldsTo: ['timeout-too-short'],
    about: { deployId },
    mitigations: ['stop-deploy'],
  },
]);

const STORE_FAILURE = tableOf('store-failure', [
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
      is('a server, a replica, users or a health check miss the store too', othersMiss),
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

const SESSION_EXPLOSION = tableOf('session-explosion', [
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
    title: "Something else fills the store: other keys, a framework's own ones, clients' buffers",
    sentence: "the store fills with something other than sessions: other keys, a framework's own ones, or clients' buffers",
    needs: [
      is(
        "sessions take a small part of the data, or keys without a TTL by design or clients' buffers a large one, while memory grows; or sweeps find ever more unknown keys",
        anyOf(allOf(isOtherData, memoryGrows), unknownKeysGrow),
      ),
    ],
  },
]);

export const ROWS: readonly Row[] = [...LOGGED_OUT, ...STORE_FAILURE, ...SESSION_EXPLOSION];
export const rowOf = (cause: Cause): Row | undefined => ROWS.find((row) => row.cause === cause);
