/** The names of runbooks and causes. What each cause needs is in classify/; docs/incidents.md is made from it. */

export const RUNBOOKS = ['logged-out', 'store-failure', 'session-explosion'] as const;
export type Runbook = (typeof RUNBOOKS)[number];

export const CAUSES = {
  'logged-out': [
    'stickiness-off',
    'session-changes-server',
    'servers-replaced',
    'timeout-too-short',
    'same-site',
    'store-connection-failures',
    'store-full',
    'store-emptied',
    'unreadable-sessions',
    'deploy-in-progress',
    'secret-differs',
    'cookies-stripped',
    'front-refuses',
    'sign-in-fails',
  ],
  'store-failure': ['store-down', 'store-failing-over', 'store-refuses', 'server-partitioned'],
  'session-explosion': ['missing-expiry', 'large-sessions', 'session-per-request', 'not-sessions'],
} as const satisfies Record<Runbook, readonly string[]>;
export type Cause = (typeof CAUSES)[Runbook][number];

/** `certain`: every fact that would refute it is known and does not. `likely`: one of these is unknown. */
export type Confidence = 'certain' | 'likely';

/** `ruledOut`: what the fact rules out, as in `a store without a primary`. Absent of what would say otherwise and is not known. */
export type Reason = { readonly text: string; readonly source: string; readonly ruledOut?: string };

/** What is wrong. `unknown` is a finding too: `missing` says what would decide it. `nothing`: the evidence shows no trouble. */
export type Finding =
  | {
      readonly verdict: 'cause';
      readonly cause: Cause;
      readonly confidence: Confidence;
      readonly sentence: string;
      readonly sinceMs: number;
      readonly because: readonly Reason[];
      /** What would say otherwise, and what is known of it; what is not known comes first. */
      readonly wouldRefute: readonly Reason[];
      /** What the cause is about, where that is one thing: what a mitigation then works on. */
      readonly about?: { readonly instanceId?: string; readonly deployId?: string; readonly sweepId?: string; readonly dialect?: string };
      readonly also: readonly Cause[];
    }
  | {
      readonly verdict: 'unknown';
      readonly candidates: readonly Cause[];
      readonly missing: readonly Reason[];
      readonly shown: readonly Reason[];
    }
  | { readonly verdict: 'nothing'; readonly because: readonly Reason[]; readonly missing: readonly Reason[] };
