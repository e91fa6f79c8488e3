/** Faults that restart servers, and why not while a deploy or a restart holds the fleet's lock: its servers would fail. Pure. */
import { describeHolder } from '../../../functions/records/outcome-text.ts';
import type { LockRecord } from '../../../functions/records/types.ts';
import { holdfast } from '../../../functions/shared/command-options.ts';
import type { ChangeKind, Fault, SetFault } from './contract.ts';

/** The lock of the fleet, and whether servers are restarted although it is held. */
export interface Held {
  readonly lock: LockRecord | undefined;
  readonly nowMs: number;
  readonly duringDeploy: boolean;
}

const RESTARTS: ChangeKind = 'environment';

/** The application is started again on servers, when the fault is set and when it is cleared. */
export const restartsServers = ({ changes }: Pick<Fault, 'changes'>): boolean => changes.some(({ kind }) => kind === RESTARTS);

/** Why servers must not be restarted now, and what to do: the end of a sentence; undefined if they can be. */
export function whyHeld(fault: Pick<Fault, 'changes'>, held: Held): string | undefined {
  return restartsServers(fault) ? heldBy(held) : undefined;
}

/** The same for putting back; a fault that runs a deploy of its own waits for its end before servers are restarted. */
export function whyKept({ made }: SetFault, held: Held): string | undefined {
  const kinds = made.map(({ kind }) => kind);
  return kinds.includes(RESTARTS) && !kinds.includes('deploy') ? heldBy(held) : undefined;
}

function heldBy({ lock, nowMs, duringDeploy }: Held): string | undefined {
  if (duringDeploy || lock?.deployId === undefined || (lock.expiresAtMs ?? 0) <= nowMs) return undefined;
  // An incident that holds the lock keeps servers from being replaced, and works on none.
  if (lock.heldBy === 'incident') return undefined;
  const since = lock.acquiredAtMs === undefined ? '' : ` since ${new Date(lock.acquiredAtMs).toISOString()}`;
  return `restarts servers, while ${describeHolder(lock)} has held the lock of the fleet${since}: ${endOf(lock)}, or add --during-deploy`;
}

function endOf({ heldBy: kind, deployId = '' }: LockRecord): string {
  if (kind === 'reconcile' || kind === 'refresh') return 'wait for its end, within minutes';
  return `follow it with "${holdfast(`deploys follow ${deployId}`)}" or end it with "${holdfast(`deploys abort ${deployId}`)}"`;
}
