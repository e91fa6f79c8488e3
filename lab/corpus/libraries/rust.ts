import { type Library, session } from '../library.ts';

export const RUST: readonly Library[] = [
  {
    name: 'tower-sessions',
    library: 'tower-sessions',
    version: '0.14.0',
    kind: 'session',
    registry: 'crates',
    packages: {
      'tower-sessions': '0.14.0',
      'tower-sessions-redis-store': '0.16.0',
      time: '0.3.55',
      tokio: '1.54.1 full',
    },
    times: ['rust-msgpack'],
    // Nothing but an id, and MessagePack in which the sweep reads no time.
    keys: [{ ...session('tower-sessions', /^[\w-]{22}$/, 'default', 1_209_600), onlyByLearning: true }],
  },
  {
    name: 'actix-session',
    library: 'actix-session',
    version: '0.11.0',
    kind: 'session',
    registry: 'crates',
    packages: { 'actix-session': '0.11.0 redis-session', 'actix-web': '4.13.0' },
    // An id, and a map of JSON texts: nothing of the framework's own.
    keys: [{ ...session('actix-session', /^[0-9A-Za-z]{64}$/, 'default', 86_400), onlyByLearning: true }],
  },
];
