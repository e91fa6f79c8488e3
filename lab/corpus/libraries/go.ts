import { foreign, type Library, session } from '../library.ts';

const go = (name: string, library: string, version: string, more: Pick<Library, 'keys' | 'packages'> & Partial<Library>): Library => ({
  name,
  library,
  version,
  kind: 'session',
  registry: 'go',
  ...more,
});

const REDISTORE = { 'github.com/boj/redistore': 'v1.4.1', 'github.com/gorilla/sessions': 'v1.4.0' };
const BASE32 = '[A-Z2-7]{52}';

export const GO: readonly Library[] = [
  go('scs', 'scs, redisstore', 'v2.9.0', {
    packages: {
      'github.com/alexedwards/scs/v2': 'v2.9.0',
      'github.com/alexedwards/scs/redisstore': 'v0.0.0-20251002162104-209de6e426de',
      'github.com/gomodule/redigo': 'v1.9.3',
    },
    times: ['go-time'],
    // The deadline is in the gob, which a sweep does not read: scs.New has 24 hours.
    keys: [session('scs', /^scs:session:[\w-]{43}$/, 'default', 86_400)],
  }),
  go('redistore', "gorilla/sessions, boj's redistore, gob", 'v1.4.1', {
    packages: REDISTORE,
    keys: [session('gorilla', new RegExp(`^session_${BASE32}$`), 'default', 2_592_000)],
  }),
  go('redistore-json', "gorilla/sessions, boj's redistore, JSON", 'v1.4.1', {
    packages: REDISTORE,
    program: 'redistore',
    args: ['json'],
    keys: [session('gorilla', new RegExp(`^session_${BASE32}$`), 'default', 2_592_000)],
  }),
  go('rbcervilla-redisstore', "gorilla/sessions, rbcervilla's redisstore", 'v9.0.0', {
    packages: {
      'github.com/rbcervilla/redisstore/v9': 'v9.0.0',
      'github.com/gorilla/sessions': 'v1.2.1',
      'github.com/redis/go-redis/v9': 'v9.0.2',
    },
    // The id is of 64 bytes, and the gob a map of anything.
    keys: [session('gorilla', /^session:[A-Z2-7]{103}$/, 'default', 2_592_000)],
  }),
  go('gin-sessions', 'gin-contrib/sessions with a prefix of its own', 'v1.0.4', {
    packages: { 'github.com/gin-contrib/sessions': 'v1.0.4', 'github.com/gin-gonic/gin': 'v1.11.0' },
    keys: [{ ...session('gin-sessions', new RegExp(`^user_session:${BASE32}$`), 'default', 2_592_000), onlyByLearning: true }],
  }),
  go('fiber', 'Fiber, session', 'v2.52.15', {
    packages: { 'github.com/gofiber/fiber/v2': 'v2.52.15', 'github.com/gofiber/storage/redis/v3': 'v3.4.3' },
    // Nothing but a UUID, and a gob.
    keys: [{ ...session('fiber', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'default', 86_400), onlyByLearning: true }],
  }),
  go('asynq', 'asynq', 'v0.26.0', { packages: { 'github.com/hibiken/asynq': 'v0.26.0' }, kind: 'foreign', keys: [foreign(/^asynq/)] }),
];
