import type { Repair } from '../keys/choose-repair.ts';
import type { Guard, PersistentKey, Repaired, RepairRequest, SweepStore } from '../store/sweep-store.ts';

export interface Decision {
  readonly persistentKey: PersistentKey;
  readonly repair: Repair;
  readonly guard: Guard;
}

export interface RepairWork {
  readonly store: Pick<SweepStore, 'repair'>;
  readonly settings: { readonly minTtlSeconds: number };
  readonly dryRun: boolean;
  readonly deletes: Pick<DeleteBudget, 'reserve' | 'release'>;
}

export interface Applied<T extends Decision> {
  /** After an interruption, only what was repaired before it: the other keys will be read again. */
  readonly applied: readonly T[];
  readonly interruption?: Error;
}

/**
 * Sends the repairs. Deletes are reserved first; one without a reply stays reserved.
 * @returns the decisions, as far as they took effect: a repair that was not applied is `leave`
 */
export async function applyRepairs<T extends Decision>(decisions: readonly T[], work: RepairWork): Promise<Applied<T>> {
  const wanted = decisions.filter(({ repair }) => repair.action !== 'leave');
  const requests = wanted.map((one) => requestOf(one, work.settings.minTtlSeconds));
  const deletes = requests.filter(({ action }) => action === 'delete').length;
  if (deletes > 0) await work.deletes.reserve(deletes);
  const { outcomes, interruption }: Repaired = requests.length === 0 ? { outcomes: [] } : await work.store.repair(requests, work.dryRun);
  const isKept = (index: number) => requests[index]?.action === 'delete' && outcomes[index] !== undefined && outcomes[index] !== 'done';
  work.deletes.release(requests.filter((_, index) => isKept(index)).length);
  const outcomeOf = new Map(wanted.map((one, index) => [one, outcomes[index]]));
  if (interruption === undefined) return { applied: decisions.map((one) => withOutcome(one, outcomeOf.get(one) ?? 'done', work)) };
  const isApplied = (one: T) => !work.dryRun && (outcomeOf.get(one) === 'done' || outcomeOf.get(one) === 'expired');
  return { applied: decisions.filter(isApplied).map((one) => withOutcome(one, outcomeOf.get(one) ?? 'done', work)), interruption };
}

function requestOf({ persistentKey: { key, type }, repair, guard }: Decision, minTtlSeconds: number): RepairRequest {
  const seconds = repair.action === 'expire' ? repair.seconds : minTtlSeconds;
  // TYPE knows no integers.
  const ofStore = type === 'integer' ? 'string' : type;
  return { key, type: ofStore, action: repair.action === 'delete' ? 'delete' : 'expire', seconds, guard };
}

function withOutcome<T extends Decision>(one: T, outcome: NonNullable<Repaired['outcomes'][number]>, { settings }: RepairWork): T {
  switch (outcome) {
    case 'done':
      return one;
    case 'expired':
      return { ...one, repair: { action: 'expire', seconds: settings.minTtlSeconds } };
    case 'not-sent':
      return { ...one, repair: { action: 'leave', reason: 'changed-meanwhile' } };
    default:
      return { ...one, repair: { action: 'leave', reason: outcome } };
  }
}

/** How many keys a sweep can still delete, such that a crash between a delete and the next checkpoint cannot exceed its limit. */
export interface DeleteBudget {
  /** Number of keys that the sweep can still delete. */
  readonly left: number;
  /** Records the number of deletes before they are sent, if what is recorded does not cover it. @throws the error of `save` */
  reserve(count: number): Promise<void>;
  /** Gives back deletes that certainly did not happen. One whose outcome is unknown counts as deleted. */
  release(count: number): void;
  /** Call it when nothing is under way any more. @returns what stays reserved, for the checkpoint: deletes that happened or can have */
  settle(): number;
}

/** Deletes are reserved ahead, so that each of a few does not need a write to the records table. */
const RESERVED_AHEAD = 100;

/**
 * @param max of the sweep
 * @param used deletes that the checkpoint has reserved: after a crash it is unknown which of them happened
 * @param save writes the checkpoint with this number, before the deletes are sent
 */
export function createDeleteBudget(max: number, used: number, save: (reserved: number) => Promise<void>): DeleteBudget {
  let spent = used;
  let reserved = used;
  return {
    get left() {
      return Math.max(0, max - spent);
    },
    async reserve(count) {
      spent += count;
      if (spent <= reserved) return;
      reserved = Math.max(spent, Math.min(max, spent + RESERVED_AHEAD));
      await save(reserved);
    },
    release(count) {
      spent -= count;
    },
    settle() {
      reserved = spent;
      return spent;
    },
  };
}
