/** Users are logged out, by cookies and by what is in front of the servers. */
import { AND_ERRORS, ofReturns, ofSetting, SESSIONS } from '../explains.ts';
import {
  comesBackWithout,
  cookieReturns,
  cookieStays,
  endedAtMaxAge,
  isLax,
  isSecure,
  isStrict,
  noneReturnsSince,
  plainHttp,
  postsWithout,
} from '../facts/cookies.ts';
import { deployNearSign, hurtWithDeploy } from '../facts/deploys.ts';
import { errorsAtSignIn, inTrouble, sessionsFallSilent, sessionsOfOneServer } from '../facts/in-trouble.ts';
import { changedBefore } from '../facts/store-reach.ts';
import { allOf, anyOf, neverSure, not } from '../judged.ts';
import type { TableRow } from '../row.ts';
import { IN_STORE } from './logged-out-by-store.ts';

export const LOGGED_OUT_IN_FRONT: readonly TableRow[] = [
  {
    cause: 'secure-cookie-on-http',
    title: 'A Secure cookie on plain HTTP: browsers do not send it back',
    sentence: 'users are logged out because the session cookie is Secure, and the load balancer serves them over plain HTTP',
    explains: { channels: SESSIONS, time: ofSetting },
    needs: [
      { asks: 'The session cookie is Secure.', judge: isSecure },
      { asks: 'A listener serves plain HTTP without a redirect to HTTPS.', judge: plainHttp },
      { asks: 'New sessions are made again and again, and not named.', judge: anyOf(inTrouble('vain', 'nearlyAll'), noneReturnsSince) },
    ],
    refutedBy: [{ asks: 'Sessions come back with later requests.', judge: cookieReturns }],
  },
  {
    cause: 'cookie-does-not-slide',
    title: "The cookie's Max-Age is set once and not renewed: active users are out when it passes",
    sentence: "active users are logged out because the session cookie's Max-Age is set at the login and never renewed",
    // Its sessions end a Max-Age after a release: when they did says by itself what ended them.
    explains: { channels: SESSIONS },
    needs: [
      { asks: 'The cookie has a Max-Age, and a later answer does not set it again.', judge: cookieStays },
      { asks: 'Sessions of active users end at the age of the Max-Age, and none is used for longer.', judge: endedAtMaxAge },
    ],
    yieldsTo: ['stickiness-off', 'route-mismatch', 'session-changes-server', 'store-connection-failures'],
  },
  {
    cause: 'same-site-strict',
    title: 'SameSite=Strict: users who come back from another site (a payment, a single sign-on) send no cookie',
    sentence: 'users who come back from another site are logged out because the session cookie is SameSite=Strict',
    explains: { channels: [...SESSIONS, 'returns'], time: ofReturns },
    needs: [
      { asks: 'The session cookie is SameSite=Strict.', judge: isStrict },
      {
        asks: 'Requests from other sites come without a session cookie, nearly all, and are turned away.',
        judge: comesBackWithout,
      },
    ],
    yieldsTo: ['stickiness-off', 'route-mismatch', 'session-changes-server', 'store-connection-failures', 'timeout-too-short'],
  },
  {
    cause: 'same-site-lax',
    title: 'SameSite=Lax: users whom another site sends back with a POST (a payment, SAML) send no cookie',
    sentence: 'users whom another site sends back with a POST are logged out because the session cookie is SameSite=Lax',
    explains: { channels: [...SESSIONS, 'returns'], time: ofReturns },
    needs: [
      { asks: 'The session cookie is SameSite=Lax, or has no SameSite, which browsers take for Lax.', judge: isLax },
      {
        asks: 'POSTs from other sites come without a session cookie, nearly all, and are turned away.',
        judge: postsWithout,
      },
    ],
    yieldsTo: ['stickiness-off', 'route-mismatch', 'session-changes-server', 'timeout-too-short'],
  },
  {
    cause: 'cookies-stripped',
    title: 'What is in front of the load balancer (a CDN, a proxy) takes the session cookie out of requests',
    sentence: 'users are logged out because their session cookie does not arrive: something in front of the load balancer takes it out',
    explains: { channels: SESSIONS },
    needs: [
      {
        asks: 'Sessions are begun again and again and no request names one; or requests have stopped naming the sessions that were there, and none of these was refused. It is never certain: browsers can have dropped the cookie.',
        judge: anyOf(neverSure(inTrouble('vain', 'nearlyAll')), sessionsFallSilent),
      },
    ],
    refutedBy: [
      {
        ruledOut: 'a cookie that a deploy renamed',
        asks: 'A deploy ran around the first sign: its release can use a cookie of another name.',
        judge: deployNearSign,
      },
    ],
    yieldsTo: ['secure-cookie-on-http', 'cookie-does-not-slide', 'evictions'],
  },
  {
    cause: 'front-refuses',
    alsoFor: 'store-failure',
    title: 'A firewall, or the load balancer itself, refuses requests before any server sees them',
    sentence: 'requests are refused before any server sees them (4xx of the load balancer or of a firewall at it)',
    explains: { channels: ['balancerRefusals', 'requests'] },
    needs: [
      {
        asks: 'The load balancer itself answers more requests with 4xx than usual, and fewer well.',
        judge: inTrouble('balancerRefusals', 'surely'),
      },
    ],
    refutedBy: [{ ruledOut: 'failed sign-ins', asks: 'Sign-ins by the load balancer fail.', judge: inTrouble('signIns') }],
    supportedBy: [{ asks: 'A rule of the firewall was changed.', judge: changedBefore('waf', 'the firewall') }],
  },
  {
    cause: 'sign-in-fails',
    title: 'The sign-in provider fails: nobody new gets in, while sessions are well',
    sentence: 'users cannot log in because the sign-in fails, at the provider or on the way back from it',
    explains: { channels: ['signIns', 'errors', 'balancerErrors', 'balancerRefusals'] },
    needs: [
      {
        asks: 'Sign-ins by the load balancer fail (ELBAuthError, ELBAuthFailure); or nearly all errors of the servers are on pages by which people sign in. It is never certain: the provider itself is not asked.',
        judge: anyOf(neverSure(inTrouble('signIns')), errorsAtSignIn),
      },
    ],
    refutedBy: [
      {
        ruledOut: 'trouble of the store',
        asks: 'The store refuses writes, servers do not reach it, or their logs have errors of it.',
        judge: anyOf(inTrouble('refusedWrites'), inTrouble('storeErrors', 'acute'), inTrouble('reach')),
      },
      {
        ruledOut: 'a release whose own sign-in fails',
        asks: 'It began while a deploy ran, and no sign-in by the load balancer fails, which no release is asked for: then it is the release that cannot sign people in.',
        judge: allOf(not(inTrouble('signIns')), hurtWithDeploy),
      },
    ],
    yieldsTo: ['store-connection-failures', 'store-full'],
  },
  {
    cause: 'secret-differs',
    title: "Servers do not take each other's session cookies: each signs or encrypts them with a secret of its own",
    sentence: "users are logged out because servers do not take each other's session cookies, as with a secret for each server",
    explains: { channels: [...AND_ERRORS, 'sessionErrors'] },
    needs: [
      IN_STORE,
      {
        asks: 'Of the sessions that came to a server and to others since the trouble began, next to none was taken by both. It is never certain: ids can be invented.',
        judge: sessionsOfOneServer,
        byOneServer: true,
      },
    ],
    yieldsTo: ['store-connection-failures', 'unreadable-sessions', 'timeout-too-short'],
  },
];
