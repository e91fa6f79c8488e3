/** The pairs of releases that the session gate is tried on, and what is right, as the frameworks' documentation and sources have it. */
import type { GateCheck } from '../../functions/gate/contract.ts';
import type { App, Release } from '../../lab/bench/people/shops.ts';

export interface GoodPair {
  readonly name: string;
  readonly app: App;
  /** @default the shop as it is */
  readonly old?: Release;
  readonly next: Release;
}
export interface IncompatiblePair extends GoodPair {
  /** What is found; `swapped`: where the new release of the pair is the old one. */
  readonly found: readonly GateCheck[];
  /** @default the same */
  readonly swapped?: readonly GateCheck[];
}

const FIRST = 'first secret of the shop';
const SECOND = 'second secret of the shop';
const BOTH_WAYS: readonly GateCheck[] = ['forward', 'back'];

export const INCOMPATIBLE: readonly IncompatiblePair[] = [
  { name: 'express-another-secret', app: 'express', next: { secret: SECOND }, found: BOTH_WAYS },
  { name: 'express-another-cookie-name', app: 'express', next: { cookie: 'shop2' }, found: BOTH_WAYS },
  // Signatures by a secret that is accepted are made anew by the first one at once, which the old release does not accept.
  { name: 'express-secret-put-before', app: 'express', next: { secret: SECOND, alsoAccepts: FIRST }, found: BOTH_WAYS },
  { name: 'connect-redis-another-prefix', app: 'express-redis', next: { prefix: 'v2:' }, found: BOTH_WAYS },
  // express-session signs by the first of its secrets; a session that nothing changes keeps its cookie.
  {
    ...{ name: 'express-session-secret-put-before', app: 'express-redis', next: { secret: SECOND, alsoAccepts: FIRST } },
    ...{ found: ['back'], swapped: ['forward'] },
  },
  { name: 'iron-session-another-password', app: 'iron-session', next: { secret: SECOND }, found: BOTH_WAYS },
  {
    ...{ name: 'iron-session-password-put-before', app: 'iron-session', next: { secret: SECOND, alsoAccepts: FIRST } },
    ...{ found: ['back'], swapped: ['forward'] },
  },
  // The usual way to change a key (iaso 3135, flask 5632): what the new one signs, servers with the old release refuse.
  {
    ...{ name: 'django-secret-key-put-before', app: 'django', next: { secret: SECOND, alsoAccepts: FIRST } },
    ...{ found: ['back'], swapped: ['forward'] },
  },
  {
    ...{ name: 'flask-secret-key-put-before', app: 'flask', next: { secret: SECOND, alsoAccepts: FIRST } },
    ...{ found: ['back'], swapped: ['forward'] },
  },
  // The prefix of the cache's keys differs, and neither looks for the other one's.
  { name: 'django-cached-db-for-cache', app: 'django', old: { engine: 'cache' }, next: { engine: 'cached_db' }, found: BOTH_WAYS },
  // Both write to the database; what the new release changes there, the old one does not see past its cache.
  { name: 'django-db-for-cached-db', app: 'django', old: { engine: 'cached_db' }, next: { engine: 'db' }, found: ['cart'] },
  { name: 'scs-type-in-each-session', app: 'scs', next: { typed: 'from log-in' }, found: ['back'], swapped: ['forward'] },
  { name: 'scs-type-in-changed-sessions', app: 'scs', next: { typed: 'from change' }, found: ['cart'] },
  { name: 'flask-another-secret', app: 'flask', next: { secret: SECOND }, found: BOTH_WAYS },
  { name: 'django-another-secret-key', app: 'django', next: { secret: SECOND }, found: BOTH_WAYS },
  { name: 'spring-another-serialVersionUID', app: 'spring', next: { serialVersionUID: 2 }, found: BOTH_WAYS },
  { name: 'spring-json-for-jdk', app: 'spring', next: { format: 'json' }, found: BOTH_WAYS },
  { name: 'tomcat-another-codec', app: 'tomcat', next: { format: 'kryo' }, found: BOTH_WAYS },
];

const ASSET: Release = { asset: 'e5f6a7b8' };

export const GOOD: readonly GoodPair[] = [
  { name: 'express-other-assets', app: 'express', next: ASSET },
  { name: 'express-renamed-pages', app: 'express', next: { renamed: true } },
  { name: 'express-strict-for-lax', app: 'express', old: { sameSite: 'lax' }, next: { sameSite: 'strict' } },
  {
    ...{ name: 'express-secrets-in-another-order', app: 'express' },
    ...{ old: { secret: FIRST, alsoAccepts: SECOND }, next: { secret: SECOND, alsoAccepts: FIRST } },
  },
  { name: 'connect-redis-other-assets', app: 'express-redis', next: ASSET },
  {
    ...{ name: 'connect-redis-secrets-in-another-order', app: 'express-redis' },
    ...{ old: { secret: FIRST, alsoAccepts: SECOND }, next: { secret: SECOND, alsoAccepts: FIRST } },
  },
  { name: 'flask-other-assets', app: 'flask', next: ASSET },
  { name: 'django-other-assets', app: 'django', next: ASSET },
  {
    ...{ name: 'django-secret-keys-in-another-order', app: 'django' },
    ...{ old: { secret: FIRST, alsoAccepts: SECOND }, next: { secret: SECOND, alsoAccepts: FIRST } },
  },
  { name: 'django-cached-db-other-assets', app: 'django', old: { engine: 'cached_db' }, next: { engine: 'cached_db', ...ASSET } },
  // Flask-Session reads either of its two formats.
  { name: 'flask-session-json-for-msgpack', app: 'flask-session', next: { format: 'json' } },
  { name: 'flask-session-other-assets', app: 'flask-session', next: ASSET },
  { name: 'iron-session-other-assets', app: 'iron-session', next: ASSET },
  { name: 'scs-other-assets', app: 'scs', next: ASSET },
  { name: 'spring-other-assets', app: 'spring', next: ASSET },
  // Spring Session 4 writes hashes as 3 does, and what Spring Security keeps there has one serialVersionUID since 6.2.
  { name: 'spring-boot-4-for-3', app: 'spring', next: { boot: 4 } },
  { name: 'spring-security-7-for-6', app: 'spring', old: { security: true }, next: { security: true, boot: 4 } },
  { name: 'tomcat-other-assets', app: 'tomcat', next: ASSET },
];
