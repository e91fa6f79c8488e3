/** Situations for tests: an existing system without any wish, unless a test says more. */
import type { Situation } from '../../advisor/situation.ts';

export const existing = (servers: number, more: Partial<Situation> = {}): Situation => ({
  servers,
  system: 'existing',
  cloud: false,
  ha: false,
  zeroDowntime: false,
  ...more,
});

/** Every combination of size, system and wishes that changes which rows apply. */
export const everySituation = (): Situation[] =>
  [1, 2, 3, 4, 5, 6, 200].flatMap((servers) =>
    (['new', 'existing', 'legacy'] as const).flatMap((system) =>
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15].map((bits) =>
        existing(servers, {
          system,
          cloud: (bits & 1) !== 0,
          ha: (bits & 2) !== 0,
          zeroDowntime: (bits & 4) !== 0,
          sessionBytes: (bits & 8) !== 0 ? 2_048 : undefined,
        }),
      ),
    ),
  );
