import { companion, foreign, type Library, session, structural } from '../library.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

const source = (name: string, library: string, version: string, more: Pick<Library, 'keys'> & Partial<Library>): Library => ({
  name,
  library,
  version,
  kind: 'session',
  registry: 'source',
  packages: {},
  ...more,
});

/** What cannot be installed by name from a registry: its recording was written by hand from its source. */
export const FROM_SOURCE: readonly Library[] = [
  // DistributedSession sets a sliding expiration alone; the value begins with its version, 2.
  source('asp-net-core', 'ASP.NET Core, session on StackExchangeRedis', '9.0', {
    keys: [session('asp-net-core', new RegExp(`^shop${UUID}$`), 'value', 1_200)],
  }),
  source('asp-net-core-cache', 'ASP.NET Core, IDistributedCache', '9.0', {
    kind: 'foreign',
    keys: [foreign(new RegExp(`^Basket:${UUID}$`))],
  }),
  source('asp-net-framework', 'ASP.NET, Microsoft.Web.RedisSessionStateProvider', '5.0', {
    keys: [
      session('asp-net-framework', /^\{\/shop_[0-9a-z]{24}\}_SessionStateItemCollection$/, 'default', 1_200),
      companion('asp-net-framework', /^\{\/shop_[0-9a-z]{24}\}_(?:SessionTimeout|WriteLock)$/, 'elsewhere', 1_200),
    ],
  }),
  source('codeigniter', 'CodeIgniter 4, RedisHandler', '4.6', {
    keys: [
      session('codeigniter', /^ci_session:[0-9a-f]{32}$/, 'default', 7_200),
      companion('codeigniter', /^ci_session:[0-9a-f]{32}:lock$/, 'elsewhere', 300),
    ],
  }),
  source('laravel-13', 'Laravel', '13', {
    keys: [session('laravel', /^shop-database-shop-cache-(?=.*[A-Z])[0-9A-Za-z]{40}$/, 'default', 7_200)],
  }),
  source('laravel-13-throttle', "Laravel's throttle and Horizon", '13', { kind: 'foreign', keys: [foreign(/^shop[-_]/)] }),
  source('tomcat-redis-session-manager', 'tomcat-redis-session-manager', '2.0.0', {
    keys: [session('tomcat-redis-session-manager', /^[0-9A-F]{32}(?:\.\w+)?$/, 'default', 1_800)],
  }),
  source('magento', 'Magento, Cm_RedisSession', '3.1', { keys: [session('magento', /^sess_[0-9a-v]{26}$/, 'default', 2_592_000)] }),
  source('yii', 'Yii 2, yii2-redis', '2.0', { keys: [session('yii', /^[0-9a-f]{37}$/, 'default', 1_440)] }),
  source('auth-js', "Auth.js, Upstash's adapter", '2.11.3', {
    keys: [
      session('auth-js', new RegExp(`^user:session:${UUID}$`), 'value', 2_592_000),
      {
        name: new RegExp(`^user:(?:session:by-user-id:)?${UUID}$|^user:(?:email|account):|^user:account:by-user-id:`),
        role: 'structural',
        dialect: 'auth-js',
      },
    ],
  }),
  source('lucia', 'Lucia, adapter-session-redis', '2.1', {
    keys: [
      // Its TTL is a time since the epoch, by mistake.
      session('lucia', /^session:[0-9a-z]{40}$/, 'value', 2_592_000),
      structural('lucia', /^user_sessions:[0-9a-z]{15}$/),
    ],
  }),
  source('redis-rails', 'redis-rails with a namespace', '5.0.2', {
    keys: [session('rack', /^session:[0-9a-f]{64}$/, 'default', 1_209_600)],
  }),
  source('lua-resty-session', 'lua-resty-session', '3.10', {
    keys: [{ ...session('lua-resty-session', /^sessions:[\w-]{22}\.\.$/, 'default', 3_600), onlyByLearning: true }],
  }),
  source('wordpress', "WordPress, redis-cache's object cache", '2.5', { kind: 'foreign', keys: [foreign(/^wp:/)] }),
  source('hangfire', 'Hangfire.Redis', '1.12', { kind: 'foreign', keys: [foreign(/^hangfire:/)] }),
  // One-time passwords, locks, counters, flags and secrets, as users' own code and their reports have them.
  source('own-code', "users' own keys below generic names", 'none', { kind: 'foreign', keys: [foreign(/./)] }),
];
