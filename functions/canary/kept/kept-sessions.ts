/** Sessions that are kept from turn to turn, as data: A's is used every turn, B's is left alone to find out when it ends. */
import type { Cookie } from '../http/cookie-jar.ts';

export interface KeptSession {
  /** A secret: anyone who has them has the session. */
  readonly cookies: readonly Cookie[];
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly lastUsedAtMs: number;
}

export interface Kept {
  /** Names of the cookies that authenticate. */
  readonly names: readonly string[];
  /** `endedAgeMs`: the age at which A's last session ended although it was used every turn, where no time-out explains that. */
  readonly a: KeptSession & { readonly endedAgeMs?: number };
  /** B's session is used shortly before the idle time-out, and the next time shortly after it. */
  readonly b: KeptSession & { readonly next: 'before' | 'after' };
}
