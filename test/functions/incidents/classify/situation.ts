/** What a runbook has to find in a situation. */
import type { Cause, Runbook } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';

export interface Situation {
  readonly when: string;
  readonly runbook: Runbook;
  readonly planted: Evidence;
  readonly expected:
    | { readonly verdict: 'cause'; readonly cause: Cause; readonly confidence: 'certain' | 'likely' }
    | { readonly verdict: 'unknown' | 'nothing' };
  /** Causes that must not be named, neither first nor as well. */
  readonly never?: readonly Cause[];
}

export const certain = (cause: Cause) => ({ verdict: 'cause', cause, confidence: 'certain' }) as const;
export const likely = (cause: Cause) => ({ verdict: 'cause', cause, confidence: 'likely' }) as const;
export const UNKNOWN = { verdict: 'unknown' } as const;
export const NOTHING = { verdict: 'nothing' } as const;
