import { foreign, type Library, session } from '../library.ts';

const debian = (name: string, library: string, packages: Library['packages'], more: Pick<Library, 'keys'> & Partial<Library>): Library => ({
  name,
  library,
  version: (Object.values(packages)[0] as string).replace(/^\d+:|[-+~].*$/g, ''),
  kind: 'session',
  registry: 'debian',
  packages,
  ...more,
});

const PHP_REDIS = '5.3.7+4.3.0-3';
const RAILS = '2:6.1.7.10+dfsg-1~deb12u4';

const laravel = (slug: string): Library =>
  debian(
    slug === 'laravel' ? 'laravel' : `laravel-${slug}`,
    'Laravel',
    {
      'php-illuminate-session': '8.83.26+dfsg-2',
      'php-illuminate-cache': '8.83.26+dfsg-2',
      'php-illuminate-redis': '8.83.26+dfsg-2',
      'php-illuminate-container': '8.83.26+dfsg-2',
      'php-redis': PHP_REDIS,
      'php8.2-mbstring': '8.2.36-1~deb12u1',
    },
    {
      program: 'laravel',
      args: [slug],
      keys: [
        session('laravel', new RegExp(`^${slug}_database_${slug}_cache:(?=.*[A-Z])[0-9A-Za-z]{40}$`), 'default', 7_200),
        // The throttle's are a SHA-1, and one that ends in ":timer".
        foreign(new RegExp(`^${slug}_database_${slug}_cache:(?:[0-9a-f]{40}(?::timer)?|settings|front-page)$`)),
      ],
    },
  );

export const DEBIAN: readonly Library[] = [
  debian(
    'phpredis-php',
    "PHP's sessions by phpredis",
    { 'php-redis': PHP_REDIS },
    {
      program: 'phpredis',
      args: ['php'],
      keys: [session('phpredis', /^PHPREDIS_SESSION:[0-9a-v]{26}$/, 'default', 1_440)],
    },
  ),
  debian(
    'phpredis-serialize',
    "PHP's sessions by phpredis, php_serialize",
    { 'php-redis': PHP_REDIS },
    {
      program: 'phpredis',
      args: ['php_serialize'],
      keys: [session('phpredis', /^PHPREDIS_SESSION:[0-9a-v]{26}$/, 'default', 1_440)],
    },
  ),
  debian(
    'symfony',
    'Symfony, RedisSessionHandler',
    { 'php-symfony-http-foundation': '5.4.53+dfsg-0+deb12u1', 'php-redis': PHP_REDIS },
    {
      keys: [session('symfony', /^sf_s[0-9a-v]{26}$/, 'default', 1_440)],
    },
  ),
  laravel('laravel'),
  laravel('shop'),
  debian(
    'redis-rack',
    'redis-rack',
    { 'ruby-redis-rack': '2.1.2-4', 'ruby-rack': '2.2.22-0+deb12u2', 'ruby-redis': '4.8.0-1' },
    {
      keys: [session('rack', /^2::[0-9a-f]{64}$/, 'default', 1_209_600)],
    },
  ),
  debian(
    'rails',
    'Rails, CacheStore on RedisCacheStore',
    { 'ruby-actionpack': RAILS, 'ruby-redis': '4.8.0-1' },
    {
      times: ['marshal-float'],
      keys: [session('rack', /^_session_id:2::[0-9a-f]{64}$/, 'default', 1_209_600), foreign(/^(?:front-page|visits)$/)],
    },
  ),
  debian(
    'sidekiq',
    'Sidekiq',
    { 'ruby-sidekiq': '6.4.1+dfsg-1' },
    { kind: 'foreign', keys: [foreign(/^(?:queues|queue:default|schedule)$/)] },
  ),
];
