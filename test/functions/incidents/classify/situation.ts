/** What a runbook has to find in a situation. */
import type { Cause, Runbook } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { evidence, NOW_MS, node, SIGN_MS, server, unreachable } from '../healthy-evidence.ts';

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

export const CUT_OFF = { store: { reachable: false, error: 'ETIMEDOUT' } };
/** @param views whether each server reaches the store; undefined: it does not show it */
export const seen = (...views: readonly (boolean | undefined)[]): Facts['servers'] => ({
  servers: views.map((reaches, index) => {
    const { store: _, ...without } = server(`i-${index + 1}`);
    return reaches === undefined ? without : { ...without, ...(reaches ? { store: { reachable: true } } : CUT_OFF) };
  }),
});
export const allServers = (over: Partial<ServerFacts>): Facts['servers'] => ({ servers: ['i-1', 'i-2'].map((id) => server(id, over)) });

export const GONE = { nodes: [unreachable('node-1'), unreachable('node-2')], dialects: [], sizes: {} };
export const PRIMARY_GONE = { nodes: [unreachable('node-1'), node('node-2', 'replica')] };
export const ALONE = { automaticFailover: false, members: [{ node: 'node-1', role: 'primary' as const }] };
export const ONLY_NODE_GONE = { nodes: [unreachable('node-1')], dialects: [], sizes: {} };

/** A re-check earlier that found the same. */
export const lookedBefore = (planted: Evidence, minutes: number, before: Evidence = planted): Evidence => ({
  ...planted,
  lookBefore: { atMs: NOW_MS - minutes * 60_000, sources: before.sources },
});
export const withEvent = (message: string, planted: Parameters<typeof evidence>[0] = {}): Evidence =>
  evidence({ ...planted, storeGroup: { events: [{ atMs: SIGN_MS, message }] } });
