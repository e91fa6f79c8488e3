/** What the kept sessions show about time-outs. Pure. */
import type { FindingName } from '../contract/findings.ts';
import type { Policy } from '../contract/recipe.ts';
import { found, holds, type Outcome } from '../findings/result.ts';
import { type Cookie, shownName } from '../http/cookie-jar.ts';
import type { Who } from '../site/site.ts';

/** Sessions that are kept from turn to turn, as data: A's is used every turn, B's is left alone to find out when it ends. */

export interface KeptSession {
  /** A secret: anyone who has them has the session. */
  readonly cookies: readonly Cookie[];
  readonly startedAtMs: number;
  readonly lastUsedAtMs: number;
}

export interface Kept {
  readonly names: readonly string[];
  /** `endedAgeMs`: the age at which A's last session ended although it was used every turn, where no time-out explains that. */
  readonly a: KeptSession & { readonly endedAgeMs?: number };
  /** B's session is used shortly before the idle time-out, and the next time shortly after it. */
  readonly b: KeptSession & { readonly next: 'before' | 'after' };
}

/** Time-outs above a day are not checked. */
export const LONGEST_SECONDS = 86_400;
export const TOLERANCE = 0.1;
/** A run of all checks takes less than these. */
const FEW_TURNS = 3;

export interface Turn {
  readonly nowMs: number;
  /** Between two turns; no time is known more exactly. */
  readonly everyMs: number;
  readonly policy: Pick<Policy, 'idleSeconds' | 'absoluteSeconds'>;
}

const toleranceMs = (seconds: number, { everyMs }: Turn): number => Math.max(seconds * 1_000 * TOLERANCE, everyMs);
const inTime = (seconds: number | undefined): seconds is number => seconds !== undefined && seconds <= LONGEST_SECONDS;
const minutes = (ms: number): string => (ms < 120_000 ? `${Math.round(ms / 1_000)} seconds` : `${Math.round(ms / 60_000)} minutes`);

export interface Judged {
  readonly outcomes: readonly Outcome[];
  /** The session is to be begun anew. */
  readonly over: boolean;
  /** It ended, and nothing explains why. */
  readonly vanished: boolean;
  /** How old it was when it ended although it was used. */
  readonly endedAgeMs?: number;
}

const GOES_ON: Judged = { outcomes: [], over: false, vanished: false };
const over = (outcome: Outcome): Judged => ({ outcomes: [outcome], over: true, vanished: false });

/** Judges A's session, which was used every turn, and last at its `lastUsedAtMs`. */
export function judgeActive({ a, names }: Kept, who: Who, turn: Turn): Judged {
  const { absoluteSeconds } = turn.policy;
  const ageMs = turn.nowMs - a.startedAtMs;
  if (who === 'a') {
    const dropped = droppedCookie(a, names, turn);
    if (dropped !== undefined)
      return over(found('ends-while-active', `cookie ${shownName(dropped)} ran out in the browser, and no answer renewed it`));
    if (!inTime(absoluteSeconds) || ageMs <= absoluteSeconds * 1_000 + toleranceMs(absoluteSeconds, turn)) return GOES_ON;
    return over(
      found(
        'no-absolute-end',
        `a session is logged in ${minutes(ageMs)} after its login, and the policy allows ${minutes(absoluteSeconds * 1_000)}`,
      ),
    );
  }
  if (who === 'unclear') return GOES_ON;
  if (inTime(absoluteSeconds) && ageMs >= absoluteSeconds * 1_000 - toleranceMs(absoluteSeconds, turn))
    return over(holds('time-outs', `the absolute time-out ended a session after ${minutes(ageMs)}`));
  if (restedTooLong(a, turn)) return { ...GOES_ON, over: true };
  // One that ends may be an accident. Two of the same age are a time-out that using the session does not put off, as a ticket has one.
  if (a.endedAgeMs === undefined || Math.abs(ageMs - a.endedAgeMs) > turn.everyMs)
    return { outcomes: [], over: true, vanished: true, endedAgeMs: ageMs };
  const what = `a session that is used every ${minutes(turn.everyMs)} ended ${minutes(ageMs)} after its login, as the one before it did`;
  return { ...over(found('ends-while-active', what)), endedAgeMs: ageMs };
}

/** Turns were left out, so that the idle time-out can have ended the session; where none is declared, it may still have one. */
function restedTooLong({ lastUsedAtMs }: KeptSession, turn: Turn): boolean {
  const { idleSeconds } = turn.policy;
  const restedMs = turn.nowMs - lastUsedAtMs;
  if (idleSeconds === undefined) return restedMs > FEW_TURNS * turn.everyMs;
  return restedMs >= idleSeconds * 1_000 - toleranceMs(idleSeconds, turn);
}

/** The cookie that a browser would no longer send. One that lives as long as the absolute time-out is meant so. */
function droppedCookie({ cookies, startedAtMs }: KeptSession, names: readonly string[], turn: Turn): string | undefined {
  const { absoluteSeconds } = turn.policy;
  const latestMs =
    absoluteSeconds === undefined ? Number.POSITIVE_INFINITY : startedAtMs + absoluteSeconds * 1_000 - toleranceMs(absoluteSeconds, turn);
  const endOf = ({ maxAgeSeconds, expiresMs, setAtMs }: (typeof cookies)[number]) =>
    maxAgeSeconds === undefined ? expiresMs : (setAtMs ?? startedAtMs) + maxAgeSeconds * 1_000;
  return cookies.find((cookie) => {
    const endMs = endOf(cookie);
    return names.includes(cookie.name) && endMs !== undefined && endMs < turn.nowMs && endMs < latestMs;
  })?.name;
}

const TOPICS: readonly (readonly [topic: string, finding: FindingName, held: RegExp])[] = [
  ['absolute', 'no-absolute-end', /^the absolute time-out ended/],
  ['idle-end', 'no-idle-end', /^the idle time-out ended/],
  ['idle-life', 'ends-too-early', /^a session outlives/],
  ['active', 'ends-while-active', /^$/],
];

/** What a result of kept sessions is about: a later one about the same takes its place. */
export const topicOf = ({ finding, what }: { readonly finding?: FindingName; readonly what: string }): string =>
  TOPICS.find(([, name, held]) => (finding === undefined ? held.test(what) : finding === name))?.[0] ?? what;

export function isDue({ b }: Kept, turn: Turn): boolean {
  const { idleSeconds } = turn.policy;
  if (!inTime(idleSeconds)) return false;
  const tolerance = toleranceMs(idleSeconds, turn);
  return turn.nowMs - b.lastUsedAtMs >= idleSeconds * 1_000 + (b.next === 'before' ? -tolerance : tolerance);
}

/** Judges B's session, which was not used since `lastUsedAtMs`. */
export function judgeIdle({ b }: Kept, who: Who, { nowMs, policy, everyMs }: Turn): Judged {
  const idleMs = nowMs - b.lastUsedAtMs;
  const promisedMs = (policy.idleSeconds ?? 0) * 1_000;
  if (who === 'unclear' || who === 'a') return GOES_ON;
  if (b.next === 'after')
    return over(
      who === 'nobody'
        ? holds('time-outs', `the idle time-out ended a session within ${minutes(idleMs)}`)
        : found(
            'no-idle-end',
            `a session is logged in after ${minutes(idleMs)} without a request, and the policy allows ${minutes(promisedMs)}`,
          ),
    );
  if (who === 'b') return { ...GOES_ON, outcomes: [holds('time-outs', `a session outlives ${minutes(idleMs)} without a request`)] };
  // A turn that came late shows nothing: the time-out may have ended the session in the meantime.
  if (idleMs > promisedMs - everyMs / 2) return { ...GOES_ON, over: true };
  return over(
    found('ends-too-early', `a session ended within ${minutes(idleMs)} without a request, and the policy promises ${minutes(promisedMs)}`),
  );
}
