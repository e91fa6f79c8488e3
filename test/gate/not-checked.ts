/** What gets in the way of a session gate, and what it has to say: nothing is known, which is never a pass. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Spoil } from './between.ts';
import type { SiteOptions } from './two-releases.ts';

export interface Obstacle {
  readonly name: string;
  /** What the reason names. */
  readonly says: RegExp;
  readonly site: Partial<Pick<SiteOptions, 'spoil' | 'redirectsBack' | 'app' | 'next'>>;
  readonly onlyOld?: true;
  /** After so many requests of the gate the store ends, and it is there again, empty, after `STORE_AWAY_MS`. */
  readonly storeEndsAfter?: number;
  /** A replica has what it had, and takes its place: whether the gate sees through that is open, and it finds nothing. */
  readonly keepsData?: true;
}

export const STORE_AWAY_MS = 6_000;

const HUGE = Buffer.alloc(5_000_000, '.');
const METADATA = 'http://169.254.169.254/latest/meta-data/iam/security-credentials/';

const page: (status: number, text: string) => Spoil = (status, text) => (request, response) => {
  if (request.method !== 'POST' || request.url !== '/login') return undefined;
  response.writeHead(status, { 'content-type': 'text/html' }).end(text);
  return true;
};
const limit: (most: number) => Spoil = (most) => (_, response, count) => {
  if (count <= most) return undefined;
  response.writeHead(429, { 'retry-after': '60' }).end('Too many requests');
  return true;
};
const slow: (ms: number) => Spoil = (ms) => () => sleep(ms, undefined);
const huge: Spoil = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/html', 'x-release': '1.1.0' }).end(HUGE);
  return true;
};
const redirect: Spoil = ({ method, url }, response) => {
  if (method === 'GET' && url !== '/account') return undefined;
  response.writeHead(302, { location: METADATA, 'x-release': '1.1.0' }).end();
  return true;
};
/** An endless body, a piece a second. */
const trickle: Spoil = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/html', 'x-release': '1.1.0' });
  const timer = setInterval(() => response.write('.'), 1_000);
  response.once('close', () => clearInterval(timer));
  return true;
};

export const OBSTACLES: readonly Obstacle[] = [
  { name: 'same-release', says: /same release/, site: {}, onlyOld: true },
  { name: 'redirect-back', says: /redirects to https:\/\/localhost:\d+/, site: { redirectsBack: true } },
  {
    name: 'login-answers-200',
    says: /the new release shows nobody after the login of user b/,
    site: { spoil: page(200, 'Wrong password') },
  },
  { name: 'rate-limit', says: /429/, site: { spoil: limit(5) } },
  // While controls run, once both users have logged in, and while carts are compared.
  ...[5, 15, 30].map(
    (storeEndsAfter): Obstacle => ({
      ...{ name: `store-fails-over-after-${storeEndsAfter}-requests`, says: /./, site: { app: 'express-redis' }, storeEndsAfter },
    }),
  ),
  {
    ...{ name: 'store-fails-over-to-its-replica', says: /./, site: { app: 'express-redis' }, storeEndsAfter: 15, keepsData: true },
  },
  { name: 'slow', says: /the time for it was over/, site: { spoil: slow(8_000) } },
  { name: 'trickles', says: /within 10 s/, site: { spoil: trickle } },
  { name: 'huge-pages', says: /the new release shows nobody/, site: { spoil: huge } },
  { name: 'redirects-to-metadata', says: /redirects to http:\/\/169\.254\.169\.254/, site: { spoil: redirect } },
];
