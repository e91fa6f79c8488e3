/** What the stack and the scheduled function share. */

/** Environment of the function; it also has those of records. */
export const CANARY_ENV = {
  url: 'HOLDFAST_CANARY_URL',
  /** The recipe as JSON: it has no password. */
  recipe: 'HOLDFAST_CANARY_RECIPE',
  kept: 'HOLDFAST_CANARY_KEPT',
  everyMinutes: 'HOLDFAST_CANARY_MINUTES',
} as const;

/** Metrics of a fleet's canary, with the dimension `Fleet`. */
export const CANARY_METRICS = {
  fleetDimension: 'Fleet',
  /** Findings that the recipe does not accept, as of now: published with every turn. */
  findings: 'CanaryFindings',
  /** 1 for each turn in which the site answered as the recipe says. */
  ran: 'CanaryRan',
} as const;

/** Published only when there is something to publish. */
export const CANARY_PROBLEM_METRICS = {
  /** Kept sessions that ended although no time-out explains it. */
  vanished: 'CanarySessionsVanished',
} as const;

export const CANARY_ROLE = 'canary';

/**
 * Longest time of one invocation. A run sends at most 300 requests, two a second, and waits 65 s for a replay after a log-out, which the
 * others overlap: 150 + 65 s and the answers' own times. A turn comes before it, and two logins after it.
 */
export const CANARY_SECONDS = 600;

/** An environment holds 4 KB, of which names, addresses and the other variables take a part. */
export const MOST_RECIPE_BYTES = 3_000;
