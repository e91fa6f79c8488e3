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
];
