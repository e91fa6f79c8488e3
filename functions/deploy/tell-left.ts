import type { DeployRule } from '../shared/listener-rules.ts';
import type { LockRecord } from '../shared/record-types.ts';

/** A lease lives for minutes and is renewed by each step: one that has been over for this long belongs to nobody who works. */
const SILENT_MS = 300_000;

export interface LeftFacts {
  readonly lock: LockRecord | undefined;
  /** Deploys whose own execution or clean-up runs. */
  readonly running: readonly string[];
  /** Deploys whose clean-up has failed for the last time: what they suspended stays suspended. */
  readonly givenUp: readonly string[];
  readonly nowMs: number;
}

/**
 * What the alarms `deploy-stuck` and `left-locked` are about: a deploy that runs and does nothing, and a lock or suspended
 * processes that no deploy stands behind any more.
 */
export function tellLeft({ lock, running, givenUp, nowMs }: LeftFacts): { readonly stuck: boolean; readonly left: boolean } {
  const isSilent = lock?.deployId !== undefined && lock.expiresAtMs !== undefined && nowMs - lock.expiresAtMs >= SILENT_MS;
  const isRunning = lock?.deployId !== undefined && running.includes(lock.deployId);
  return { stuck: isSilent && isRunning, left: givenUp.length > 0 || (isSilent && !isRunning) };
}

/**
 * What the alarm `left-rules` is about: rules whose deploy is not under way, or was given up.
 * @param open deploys that have not written their end, as the lock named them before and after the rules were looked at
 */
export const leftRules = (rules: readonly DeployRule[], open: ReadonlySet<string>, givenUp: readonly string[]): readonly DeployRule[] =>
  rules.filter(({ deployId }) => !open.has(deployId) || givenUp.includes(deployId));
