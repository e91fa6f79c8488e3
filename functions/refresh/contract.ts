/** Payloads of the refresh: servers are replaced one at a time by new ones from the current launch template. */
import type { ResolvedSettings } from '../deploy/settings/settings.ts';
import type { DocumentVersions } from '../instance/document-contract.ts';
import type { DrainProgress } from '../instance/progress.ts';
import type { LaunchedFrom } from '../records/refresh-records.ts';
import type { Lease, TaskError } from '../records/types.ts';
import * as z from '../shared/schema.ts';
import type { VerdictOf } from '../shared/verdict.ts';

/** What starts the refresh state machine. Unknown keys are refused. */
export const refreshInput = z.strictObject({
  /** Replaces every server, outdated or not. */
  all: z.optional(z.boolean()),
  /** Only reports which servers would be replaced, and why. */
  dryRun: z.optional(z.boolean()),
  /** Who requested it, for the record: a user or role name. */
  requestedBy: z.optional(z.text(0, 128)),
});

/** Environment of the refresh function alone. */
export const REFRESH_ENV = { stateMachineArn: 'HOLDFAST_REFRESH_STATE_MACHINE_ARN' } as const;

/** Carried through the whole refresh. */
export interface RefreshContext {
  /** The execution's name. */
  readonly refreshId: string;
  readonly fleet: string;
  readonly settings: ResolvedSettings;
  /** A document that changes meanwhile changes nothing for this refresh. */
  readonly documents: DocumentVersions;
}

/** One server while it is replaced. */
export interface ServerRefresh {
  readonly instanceId: string;
  /** Why it is replaced. */
  readonly why: string;
  readonly launchedFrom: LaunchedFrom;
  /** When the current phase began, milliseconds since the epoch. */
  readonly phaseStartedAtMs: number;
  readonly commandId?: string;
  readonly commandSentAtMs?: number;
  readonly drain?: DrainProgress;
  readonly requestsCut?: number;
  /** Members before it was taken out: another one that serves has come in its place. */
  readonly known: readonly string[];
  /** Members that were launched since, by the last check. */
  readonly newcomers?: readonly string[];
}

/**
 * Order: begin (SKIP: a dry run, or nothing to do; DONE) → next (WAIT: a server is starting; DONE: none is left; ROLL) →
 * sendLook → checkLook (both only where drains may cut) → deregister → sendDrain → checkDrain (WAIT, REPEAT: sendDrain, DONE: idle) → terminate → checkReplaced (WAIT, DONE: next)
 * → finish. On an error: finish with it. `tidy` follows an execution that ended without finish; `check` runs by a schedule.
 */
export type RefreshRequest =
  | {
      readonly step: 'begin';
      readonly input: unknown;
      readonly executionName: string;
      readonly executionArn: string;
      readonly startTime: string;
    }
  | { readonly step: 'next'; readonly refresh: RefreshContext; readonly lease: Lease; readonly waitingSinceMs: number }
  | {
      readonly step: 'sendLook' | 'checkLook' | 'deregister' | 'sendDrain' | 'checkDrain' | 'terminate' | 'checkReplaced';
      readonly refresh: RefreshContext;
      readonly lease: Lease;
      readonly server: ServerRefresh;
    }
  | { readonly step: 'finish'; readonly refresh: RefreshContext; readonly lease: Lease; readonly error?: TaskError }
  | { readonly step: 'tidy'; readonly refreshId: string }
  | { readonly step: 'check' };

/** A server that would be replaced. */
export interface OutdatedServer extends LaunchedFrom {
  readonly instanceId: string;
  readonly why: string;
}

/** What a refresh finds. The output of one that has nothing to do. */
export interface RefreshPlan {
  readonly members: number;
  readonly current: LaunchedFrom;
  readonly toReplace: readonly OutdatedServer[];
}

export interface Begun {
  readonly verdict: VerdictOf<'DONE' | 'SKIP'>;
  readonly plan: RefreshPlan;
  /** With DONE: the refresh that has begun, and its lease. */
  readonly refresh?: RefreshContext;
  readonly lease?: Lease;
}

export interface NextReply {
  readonly verdict: VerdictOf<'ROLL' | 'WAIT' | 'DONE'>;
  readonly waitingSinceMs: number;
  readonly server?: ServerRefresh;
}

export interface ServerReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT'>;
  readonly server: ServerRefresh;
}

/** Reply to finish, tidy and check. */
export interface Finished {
  readonly verdict: VerdictOf<'DONE' | 'SKIP'>;
  /** The error that the refresh ended with, unwrapped. */
  readonly error?: TaskError;
}

export type RefreshReply = Begun | NextReply | ServerReply | Finished;
