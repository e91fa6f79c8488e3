import type { SessionLoss } from '../cloud/contracts.ts';
import type { View } from './view.ts';

/** Faults of a server that a run has seen at all; an end that is not known. */
const EVER = Number.POSITIVE_INFINITY;

/** The server is to keep its sessions; in `sessionDrain` until the wait is over, when the rule lets them go. */
const WAITING: ReadonlySet<string> = new Set(['waiting', 'preparing', 'pinning', 'sessionDrain']);

/**
 * What is wrong with the loss of a session that was in the memory of a server: the server still has it, or lost it although its deploy
 * was to wait for it. Undefined for a loss that a fault, or the record, explains.
 * @param from the server
 */
export function whyLost(view: View, { sessionId, expected, found }: SessionLoss, from: string): string | undefined {
  // What failed by itself loses its sessions; and where a server leaves the fleet, nothing waits for them.
  if (view.faultOnServer(EVER, from)) return undefined;
  // A deployment of the templates is no fault of the deploy, which sets the rule again at its next look.
  if (view.followsReset()) return undefined;
  const isMember = view.members().some(({ instanceId, lifecycleState }) => instanceId === from && lifecycleState === 'InService');
  if (!isMember) return undefined;
  const what = `a session of ${from} had ${found} where ${expected} had been acknowledged`;
  const records = view.deploys().flatMap(({ to, targets, restart }) => {
    const target = targets[from];
    return target?.startedAtMs === undefined ? [] : [{ ...target, isBad: view.badAt(to) !== undefined, restart }];
  });
  // A release that failed its checks is taken away from its users, and so is what a rollback replaces on a server that nobody served.
  if (records.some(({ isBad, takenOut }) => isBad || takenOut)) return undefined;
  const isCovered = records.some(
    ({ phase, sessionsCutOff, sessionDrainEndsAtMs = EVER, endDrain, healthBefore, phaseStartedAtMs }) =>
      (!WAITING.has(phase) || (phase === 'sessionDrain' && (endDrain !== undefined || sessionDrainEndsAtMs <= view.now()))) &&
      ((sessionsCutOff ?? 0) > 0 ||
        (healthBefore !== 'healthy' && healthBefore !== 'initial') ||
        (sessionsCutOff === undefined && sessionDrainEndsAtMs <= phaseStartedAtMs)),
  );
  // When its time is up, its users are sent elsewhere before the server is stopped.
  if (isCovered) return undefined;
  return `${what}, and ${view.remembers(from, sessionId) ? 'the server still has it' : 'no deploy recorded that it ended'}`;
}
