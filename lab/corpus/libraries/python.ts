import { foreign, type Library, type Packages, session } from '../library.ts';

const django = (name: string, args: readonly string[], packages: Packages, prefix: string): Library => ({
  name,
  library: args[0] === 'cached_db' ? 'Django, cached_db' : `Django, cache${packages['django-redis'] ? ' of django-redis' : ''}`,
  version: packages['django-redis'] ?? '5.2.19',
  kind: 'session',
  registry: 'pypi',
  packages: { Django: '5.2.19', redis: '6.4.0', ...packages },
  program: 'django',
  args,
  keys: [
    session('django', new RegExp(`^${prefix}:1:django\\.contrib\\.sessions\\.(?:cache|cached_db)[0-9a-z]{32}$`), 'default', 1_209_600),
    foreign(new RegExp(`^${prefix}:1:(?:front-page|visits)$`)),
  ],
});

const REDIS_CACHE = 'django.core.cache.backends.redis.RedisCache';

const foreignPython = (name: string, version: string, packages: Packages): Library => ({
  name,
  library: name,
  version,
  kind: 'foreign',
  registry: 'pypi',
  packages,
  keys: [foreign(/./)],
});

export const PYTHON: readonly Library[] = [
  django('django-cache', ['cache', REDIS_CACHE, '-'], {}, ''),
  django('django-cached-db', ['cached_db', REDIS_CACHE, 'shop'], {}, 'shop'),
  django('django-redis', ['cache', 'django_redis.cache.RedisCache', '-'], { 'django-redis': '6.0.0' }, ''),
  ...['', 'session'].map(
    (prefix): Library => ({
      name: `django-redis-sessions${prefix && '-prefix'}`,
      library: `django-redis-sessions${prefix && ' with a prefix'}`,
      version: '0.6.2',
      kind: 'session',
      registry: 'pypi',
      packages: { 'django-redis-sessions': '0.6.2', Django: '5.2.19', redis: '5.3.1' },
      program: 'django-redis-sessions',
      args: [`-${prefix}`],
      keys: [session('django', new RegExp(`^${prefix && 'session:'}[0-9a-z]{32}$`), 'default', 1_209_600)],
    }),
  ),
  ...['pickle', 'json'].map(
    (serializer): Library => ({
      name: `beaker-${serializer}`,
      library: `Beaker, ${serializer}`,
      version: '1.14.1',
      kind: 'session',
      registry: 'pypi',
      packages: { Beaker: '1.14.1', redis: '5.3.1' },
      program: 'beaker',
      args: [serializer],
      keys: [session('beaker', /^beaker_cache:[0-9a-f]{32}:session$/, 'default', 2_592_000)],
    }),
  ),
  {
    name: 'quart-session',
    library: 'Quart-Session',
    version: '3.0.0',
    kind: 'session',
    registry: 'pypi',
    packages: { 'Quart-Session': '3.0.0', Quart: '0.22.0', redis: '5.3.1' },
    keys: [session('flask-session', /^session:[0-9a-f-]{36}$/, 'default', 2_678_400)],
  },
  {
    name: 'pyramid-session-redis',
    library: 'pyramid_session_redis',
    version: '1.8.1',
    kind: 'session',
    registry: 'pypi',
    packages: { pyramid_session_redis: '1.8.1', pyramid: '2.1', redis: '5.3.1' },
    times: ['pickle-int'],
    // Nothing but 64 letters, and a pickle.
    keys: [{ ...session('pyramid', /^[\w-]{64}$/, 'default', 1_200), onlyByLearning: true }],
  },
  {
    name: 'flask-session',
    library: 'Flask-Session',
    version: '0.8.0',
    kind: 'session',
    registry: 'pypi',
    packages: { 'Flask-Session': '0.8.0', Flask: '3.1.2', redis: '6.4.0' },
    keys: [session('flask-session', /^session:[\w-]{43}$/, 'default', 2_678_400)],
  },
  {
    name: 'aiohttp-session',
    library: 'aiohttp-session',
    version: '2.12.1',
    kind: 'session',
    registry: 'pypi',
    packages: { 'aiohttp-session': '2.12.1', aiohttp: '3.13.2', redis: '6.4.0' },
    // It states when it began, not how long it lives, which has no limit by default: a sweep assumes thirty days. A logout leaves `{}`.
    keys: [session('aiohttp', /^AIOHTTP_SESSION_[0-9a-f]{32}$/, 'default', 2_592_000)],
  },
  {
    name: 'starsessions',
    library: 'starsessions',
    version: '2.2.1',
    kind: 'session',
    registry: 'pypi',
    packages: { starsessions: '2.2.1', starlette: '0.48.0', httpx: '0.28.1', redis: '6.4.0', itsdangerous: '2.2.0' },
    keys: [session('starsessions', /^starsessions\.[0-9a-f]{32}$/, 'default', 2_592_000)],
  },
  {
    name: 'sanic-session',
    library: 'sanic-session',
    version: '0.8.0',
    kind: 'session',
    registry: 'pypi',
    packages: { 'sanic-session': '0.8.0', sanic: '23.12.2', redis: '6.4.0' },
    // Under the prefix of flask-session: its thirty-one days are the longer of the two.
    keys: [session('flask-session', /^session:[0-9a-f]{32}$/, 'default', 2_678_400)],
  },
  {
    name: 'litestar',
    library: 'Litestar',
    version: '2.18.0',
    kind: 'session',
    registry: 'pypi',
    packages: { litestar: '2.18.0', sniffio: '1.3.1', httpx: '0.28.1', redis: '6.4.0' },
    keys: [session('litestar', /^LITESTAR:[0-9a-f]{64}$/, 'default', 1_209_600)],
  },
  foreignPython('arq', '0.28.0', { arq: '0.28.0', redis: '5.3.1' }),
  foreignPython('dramatiq', '2.2.1', { dramatiq: '2.2.1', redis: '5.3.1' }),
  foreignPython('huey', '3.5.4', { huey: '3.5.4', redis: '5.3.1' }),
  foreignPython('channels-redis', '4.3.0', { 'channels-redis': '4.3.0', redis: '5.3.1' }),
  foreignPython('flask-caching', '2.5.1', { 'Flask-Caching': '2.5.1', Flask: '3.1.3', redis: '5.3.1' }),
  foreignPython('rq', '2.6.0', { rq: '2.6.0', redis: '6.4.0' }),
  foreignPython('celery', '5.5.3', { celery: '5.5.3', redis: '5.2.1' }),
  { ...foreignPython('limits', '5.6.0', { limits: '5.6.0', 'Flask-Limiter': '4.0.0', redis: '6.4.0' }), library: 'Flask-Limiter' },
];
