/** Causes by which users are logged out, but for one fact. */
import { access, FROM_MS, IN_MEMORY, NOW_MS, SIGN_MS, server, traces } from '../healthy-evidence.ts';
import { begunLater, foreignTo, REPLACED_BEFORE, rolling } from './case.ts';
import { losing } from './ending-situations.ts';
import {
  both,
  but,
  CALM,
  cookie,
  DRAINING,
  deploy,
  ENDED,
  endedAt,
  IN_STORE,
  LOST_LONG_BEFORE,
  type NearMiss,
  STICKINESS_OFF,
} from './near-miss.ts';

const SERVERS_AND_STICKINESS: readonly NearMiss[] = [
  but('stickiness-off', 'sessions are in the store', { balancer: { ...IN_STORE, stickiness: { enabled: false } } }),
  but('stickiness-off', 'stickiness is on', { balancer: IN_MEMORY }),
  but('stickiness-off', 'there is one target', {
    balancer: { ...STICKINESS_OFF, targets: [{ instanceId: 'i-1', state: 'healthy' }] },
  }),
  but('stickiness-off', 'each session stays on its server', { servers: CALM }),
  but('stickiness-off', 'each session stays on its server, and users lose theirs in another way', { servers: losing() }),
  but('stickiness-off', 'every server knows the sessions that come to it', {
    servers: both((id) => ({ access: access(id, { sessions: traces('both', 30) }) })),
  }),
  but('route-mismatch', 'sessions are in the store', { balancer: IN_STORE }),
  but('route-mismatch', 'no route is foreign', { servers: CALM }),
  but('route-mismatch', 'sessions change servers', {
    servers: both((id) => ({ access: access(id, { sessions: traces('both', 30), foreignRoute: 900, replaced: 850 }) })),
  }),
  but('route-mismatch', 'stickiness is off', { balancer: STICKINESS_OFF }),
  but('route-mismatch', 'a target is draining', { balancer: DRAINING }),
  but('route-mismatch', 'servers were replaced', {
    scaling: ENDED,
    servers: {
      servers: [
        foreignTo('i-1', { ...traces('i-1', 20), ...traces('gone', 20, { routes: ['route 9'], unknown: true, lost: true }) }),
        server('i-2'),
      ],
    },
  }),
  but('route-mismatch', 'a deploy is rolling', { deploys: deploy(6) }),
  but('session-changes-server', 'sessions are in the store', { balancer: IN_STORE }),
  but('session-changes-server', 'each session stays on its server', { servers: CALM }),
  but('session-changes-server', 'no user is turned away', {
    traffic: {},
    servers: both((id) => ({ access: access(id, { sessions: traces('both', 30) }) })),
  }),
  but('session-changes-server', 'stickiness is off', { balancer: STICKINESS_OFF }),
  but('session-changes-server', 'a target is draining', { balancer: DRAINING }),
  but('session-changes-server', 'servers were replaced', { scaling: ENDED }),
  but('session-changes-server', 'a deploy is rolling', { deploys: deploy(6) }),
  but('servers-replaced', 'sessions are in the store', { balancer: IN_STORE }),
  but('servers-replaced', 'no server ended', { scaling: {} }),
  but('servers-replaced', 'no user lost a session', { servers: CALM }),
  but('session-changes-server', 'somebody had restarted a server', {
    changes: {
      changes: [
        {
          ...{ atMs: SIGN_MS - 5 * 60_000, event: 'RebootInstances', roleArn: 'an IAM user', eventId: 'e-1' },
          ...{ resource: 'i-1', kind: 'instance', who: 'person' },
        },
      ],
    },
  }),
  but('servers-replaced', 'the sessions were lost before', { servers: LOST_LONG_BEFORE }),
  but('servers-replaced', 'the sessions that were lost began later', {
    scaling: REPLACED_BEFORE,
    servers: both((id) => ({ access: access(id, { sessions: { ...traces(id, 20), ...begunLater(id, 8) } }) })),
  }),
  but('servers-replaced', 'a deploy is rolling', { deploys: deploy(6) }),
  but('servers-replaced', 'stickiness is off', { balancer: STICKINESS_OFF }),
  but('deploy-in-progress', 'no deploy ran', { deploys: {} }),
  but('deploy-in-progress', 'no user lost a session', { servers: CALM }),
  but('deploy-in-progress', 'sessions are in the store, on both releases', {
    balancer: IN_STORE,
    servers: both((id) => ({ ...losing().servers.find((one) => one.instanceId === id), release: id === 'i-1' ? '1.4.0' : '1.3.0' })),
  }),
  but('deploy-in-progress', 'the sessions were lost before', { servers: LOST_LONG_BEFORE }),
  but('deploy-in-progress', 'it had ended when servers did, and sessions were lost since then', {
    deploys: { deploys: [{ ...rolling, startedAtMs: SIGN_MS - 15 * 60_000, finishedAtMs: SIGN_MS - 6 * 60_000, status: 'SUCCEEDED' }] },
    scaling: ENDED,
    servers: losing(SIGN_MS),
  }),
];

const COOKIES_AND_LIVES: readonly NearMiss[] = [
  but('secure-cookie-on-http', 'the cookie is not Secure', {
    servers: both((id) => ({
      access: access(id, { withSession: 0, sessions: {}, created: { byAgent: { browser: 900 }, byPath: { '/login': 900 } } }),
      ...cookie({ secure: false }),
    })),
  }),
  but('secure-cookie-on-http', 'plain HTTP is redirected', { balancer: {} }),
  but('secure-cookie-on-http', 'few sessions are new', {
    servers: both((id) => ({
      access: access(id, { withSession: 0, sessions: {}, created: { byAgent: { browser: 2 }, byPath: { '/': 2 } } }),
    })),
  }),
  but('secure-cookie-on-http', 'sessions come back', {
    servers: both((id) => ({
      access: access(id, { lines: 2_000, withSession: 700, created: { byAgent: { browser: 900 }, byPath: { '/login': 900 } } }),
    })),
  }),
  but('cookie-does-not-slide', 'the cookie slides', {
    servers: both((id) => ({
      access: access(id, { sessions: { ...endedAt(id, 1_780), ...traces(id, 5, { firstMs: NOW_MS - 600_000 }) } }),
      ...cookie({ slides: true }),
    })),
  }),
  but('cookie-does-not-slide', 'nobody knows whether the cookie slides', {
    servers: both((id) => ({
      access: access(id, { sessions: { ...endedAt(id, 1_780), ...traces(id, 5, { firstMs: NOW_MS - 600_000 }) } }),
      ...cookie({ slides: null }),
    })),
  }),
  but('cookie-does-not-slide', 'sessions end at another age', {
    servers: both((id) => ({
      access: access(id, { sessions: { ...endedAt(id, 300), ...traces(id, 5, { firstMs: NOW_MS - 600_000 }) } }),
      ...cookie({ slides: false }),
    })),
  }),
  but('cookie-does-not-slide', 'sessions are used for longer', {
    servers: both((id) => ({
      access: access(id, { sessions: { ...endedAt(id, 1_780), ...traces(id, 9, { firstMs: FROM_MS }) } }),
      ...cookie({ slides: false }),
    })),
  }),
  but('timeout-too-short', 'sessions live as long as promised', { store: {} }),
  but('timeout-too-short', 'no user lost a session', { servers: CALM }),
  but('timeout-too-short', 'sessions were lost before they had been idle that long', {
    servers: both((id) => ({
      access: access(id, { sessions: { ...traces(id, 20), ...traces(`lost-${id}`, 8, { lost: true }) }, lostAfterIdleSeconds: { 2: 8 } }),
    })),
  }),
  but('same-site-strict', 'the cookie is Lax', {
    servers: both((id) => ({
      access: access(id, { fromOtherSite: { withCookie: 0, withoutCookie: 40, refused: 35 } }),
      ...cookie({ sameSite: 'Lax' }),
    })),
  }),
  but('same-site-strict', 'nobody who comes back is refused', {
    servers: both((id) => ({
      access: access(id, { fromOtherSite: { withCookie: 0, withoutCookie: 40, refused: 1 } }),
      ...cookie({ sameSite: 'Strict' }),
    })),
  }),
  but('same-site-strict', 'only POSTs from other sites come without the cookie, as with Lax', {
    servers: both((id) => ({
      access: access(id, {
        fromOtherSite: { withCookie: 40, withoutCookie: 0, refused: 0, posts: { withCookie: 0, withoutCookie: 40, refused: 35 } },
      }),
      ...cookie({ sameSite: 'Strict' }),
    })),
  }),
  but('same-site-strict', 'only POSTs come from other sites, and the attributes are not known', {
    servers: both((id) => ({
      access: access(id, {
        fromOtherSite: { withCookie: 0, withoutCookie: 0, refused: 0, posts: { withCookie: 0, withoutCookie: 40, refused: 35 } },
      }),
    })),
  }),
  but('same-site-strict', 'those who come back have a session', {
    servers: both((id) => ({
      access: access(id, { fromOtherSite: { withCookie: 40, withoutCookie: 40, refused: 35 } }),
      ...cookie({ sameSite: 'Strict' }),
    })),
  }),
];

export const OF_USERS: readonly NearMiss[] = [...SERVERS_AND_STICKINESS, ...COOKIES_AND_LIVES];
