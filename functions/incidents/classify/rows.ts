/** Every cause, in the order in which they are named when the evidence proves several. docs/incidents.md is made from it. */
import type { Cause } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import { deployAtSign, isStoreTroubleOver } from '../trouble/changes.ts';
import { emptiedText, fallsOf } from '../trouble/store-health.ts';
import {
  changedBefore,
  changedOnPurpose,
  deployBeforeErrors,
  deployNearSign,
  deployWarned,
  hurtByDeploy,
  hurtWithDeploy,
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
import { evictsCaches, evictsSessions, isAtLimit, isEmptied, writesRefused } from './facts/memory.ts';
import { primaryStartedAnew, storeTrouble } from './facts/reach.ts';
import {
  comesBackWithout,
  foreignRoutes,
  isLax,
  isStrict,
  lifeIsShort,
  postsWithout,
  sessionsGoOnMoving,
  sessionsStray,
} from './facts/session-facts.ts';
import { allOf, anyOf, byOne, type Explains, is, neverSure, not, type Row, tableOf } from './judged.ts';
import { LOST_OR_ERRORS, SESSION_EXPLOSION, STORE, STORE_FAILURE } from './rows-of-store.ts';
import { endedByDeploy, OF_REPLACEMENT, ofEvictions, ofLives, ofReturns } from './share.ts';

const LOST: Explains = { in: ['sessions'] };
const IN_MEMORY = is('sessions are in the memory of the servers', sessionsInMemory);
const DEPLOYED = is('a deploy around the first sign', deployNearSign);
const deployId = (evidence: Evidence): string | undefined => deployAtSign(evidence)?.deployId;

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
        'sessions are in memory, or the deploy warned of its cookie, or every server has its release',
        anyOf(sessionsInMemory, deployWarned, allOf(rolledWhole, hurtWithDeploy)),
      ),
    ],
    yieldsTo: ['stickiness-off', 'timeout-too-short'],
    about: { deployId },
    mitigations: ['stop-deploy'],
  },
]);

export const ROWS: readonly Row[] = [...LOGGED_OUT, ...STORE_FAILURE, ...SESSION_EXPLOSION];
export const rowOf = (cause: Cause): Row | undefined => ROWS.find((row) => row.cause === cause);
