/** The deploys that are tried: what the release changes, who is there, and whether it has to be stopped. */
import type { Expected } from '../../../functions/deploy/settings/settings.ts';
import type { PeopleKind } from '../../../functions/people/contract.ts';
import type { Crowd } from './crowd.ts';
import type { App, Release } from './shops.ts';

export interface Fleet {
  readonly servers: number;
  readonly sticky?: true;
}

export interface Case {
  readonly name: string;
  readonly app: App;
  readonly expected: 'stop' | 'pass';
  /** What it is stopped for. */
  readonly kind?: PeopleKind;
  /** The previous release, where it is not the shop's plain one. */
  readonly from?: Release;
  readonly release: Release;
  readonly crowd?: Partial<Crowd>;
  readonly expect?: Expected;
  /** @default three servers, without stickiness */
  readonly fleet?: Fleet;
  /** While the first server bakes. */
  readonly fault?: 'store-failing-over';
}

export const USUAL_FLEET: Fleet = { servers: 3 };
export const USUAL: Crowd = { users: 80, everyMs: 1_000 };
const OTHER = 'second secret of the shop';

const STOPPED: readonly Case[] = [
  { name: 'express-another-secret', app: 'express', expected: 'stop', kind: 'turnedAway', release: { secret: OTHER } },
  {
    ...{ name: 'another-secret-among-crawlers', app: 'express', expected: 'stop', kind: 'turnedAway' },
    ...{ release: { secret: OTHER }, crowd: { users: 30, bots: 60 } },
  },
  { name: 'express-another-cookie-name', app: 'express', expected: 'stop', kind: 'turnedAway', release: { cookie: 'shop2' } },
  { name: 'login-loops', app: 'express', expected: 'stop', kind: 'turnedAway', release: { loops: true } },
  { name: 'right-that-nobody-has', app: 'express', expected: 'stop', kind: 'refused', release: { without: ['right'] } },
  { name: 'hashed-assets', app: 'express', expected: 'stop', kind: 'missingParts', release: { asset: 'e5f6a7b8' } },
  {
    name: 'six-hundred-once-a-minute',
    app: 'express',
    expected: 'stop',
    kind: 'turnedAway',
    release: { secret: OTHER },
    crowd: { users: 600, everyMs: 60_000 },
  },
];
const PASSED: readonly Case[] = [
  { name: 'login-campaign', app: 'express', expected: 'pass', release: {}, crowd: { logins: 6 } },
  { name: 'scanner', app: 'express', expected: 'pass', release: {}, crowd: { scans: 20 } },
  { name: 'renamed-pages', app: 'express', expected: 'pass', release: { renamed: true } },
  { name: 'marketing-mail', app: 'express', expected: 'pass', release: {}, crowd: { visitors: 15 } },
  { name: 'monitor-with-401', app: 'express', expected: 'pass', release: {}, crowd: { users: 20, monitors: 5 } },
  { name: 'ten-requests-a-minute', app: 'express', expected: 'pass', release: {}, crowd: { users: 3, everyMs: 18_000 } },
  { name: 'night-without-people', app: 'express', expected: 'pass', release: {}, crowd: { users: 0 } },
  { name: 'fixes-what-was-broken', app: 'express', expected: 'pass', from: { turnsAway: 3 }, release: {} },
  { name: 'changing-agents', app: 'express', expected: 'pass', release: {}, crowd: { changesAgents: true, bots: 10 } },
  { name: 'cdn-in-front', app: 'express', expected: 'pass', release: {}, crowd: { behindCdn: true, bots: 10 } },
  { name: 'expect-turned-away', app: 'express', expected: 'pass', release: { secret: OTHER }, expect: 'turned-away' },
];
const WITH_STORE: readonly Case[] = [
  { name: 'connect-redis-another-prefix', app: 'express-redis', expected: 'stop', kind: 'turnedAway', release: { prefix: 'v2:' } },
  { name: 'store-fails-over', app: 'express-redis', expected: 'pass', release: {}, fault: 'store-failing-over' },
];
const PYTHON: readonly Case[] = [
  { name: 'flask-another-key', app: 'flask', expected: 'stop', kind: 'turnedAway', release: { secret: OTHER } },
  { name: 'django-another-key', app: 'django', expected: 'stop', kind: 'turnedAway', release: { secret: OTHER } },
];
const JAVA: readonly Case[] = [
  {
    name: 'spring-another-serialVersionUID',
    ...{ app: 'spring', expected: 'stop', kind: 'serverErrors' },
    release: { serialVersionUID: 2 },
  },
  { name: 'spring-json-for-jdk', app: 'spring', expected: 'stop', kind: 'serverErrors', release: { format: 'json' } },
  {
    name: 'unlogged-another-serialVersionUID',
    ...{ app: 'spring', expected: 'stop', kind: 'serverErrors' },
    release: { serialVersionUID: 2, without: ['log'] },
  },
  { name: 'tomcat-another-codec', app: 'tomcat', expected: 'stop', kind: 'turnedAway', release: { format: 'kryo' } },
];
/** By the load balancer's minutes, which show releases that take pages away. Who is sent to the log-in is served that page instead. */
const UNLOGGED: readonly Case[] = [
  {
    name: 'unlogged-another-secret',
    ...{ app: 'express', expected: 'stop', kind: 'turnedAway' },
    ...{ release: { secret: OTHER, without: ['log'] }, crowd: { leaves: true } },
  },
  {
    name: 'unlogged-hashed-assets',
    ...{ app: 'express', expected: 'stop', kind: 'refused' },
    release: { asset: 'e5f6a7b8', without: ['log'] },
  },
  { name: 'unlogged-renamed-pages', app: 'express', expected: 'pass', release: { renamed: true, without: ['log'] } },
];

const OTHER_FLEETS: readonly Case[] = [
  {
    name: 'sticky-another-secret',
    app: 'express',
    expected: 'stop',
    kind: 'turnedAway',
    release: { secret: OTHER },
    fleet: { servers: 3, sticky: true },
  },
  { name: 'fleet-of-two', app: 'express', expected: 'stop', kind: 'turnedAway', release: { secret: OTHER }, fleet: { servers: 2 } },
  { name: 'fleet-of-one', app: 'express', expected: 'stop', kind: 'turnedAway', release: { secret: OTHER }, fleet: { servers: 1 } },
  {
    name: 'unlogged-login-loops',
    ...{ app: 'express', expected: 'stop', kind: 'turnedAway' },
    ...{ release: { loops: true, without: ['log'] }, fleet: { servers: 1 } },
  },
  {
    name: 'unlogged-right-that-nobody-has',
    ...{ app: 'express', expected: 'stop', kind: 'refused' },
    ...{ release: { without: ['right', 'log'] }, fleet: { servers: 1 } },
  },
];

/** In the order in which they are run, so that a fleet changes its shop seldom. */
export const CASES: readonly Case[] = [...STOPPED, ...PASSED, ...WITH_STORE, ...UNLOGGED, ...PYTHON, ...JAVA, ...OTHER_FLEETS];
