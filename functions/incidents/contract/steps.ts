/** What the runbook's state machine passes to its functions, and what they answer: small, since evidence is in the bucket. */

import { HoldfastError, MissingEnvironment, TransientServiceError } from '../../shared/errors.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { Runbook } from './causes.ts';
import type { CollectRequest, IncidentFleet } from './environment.ts';
import type { Source } from './evidence.ts';
import type { Sign } from './incident.ts';
import type { Decision, MitigationKey, MitigationTarget } from './mitigations.ts';

/** A pre-condition no longer holds when a mitigation acts. Nothing was changed; the sentence says why. */
export class MitigationRefused extends HoldfastError {
  static readonly errorName = 'MitigationRefused';
  override readonly name = MitigationRefused.errorName;
}

export function refuseFor(why: string | undefined): void {
  if (why !== undefined) throw new MitigationRefused(`${why}; nothing was changed`);
}

export type Fleets = Readonly<Record<string, IncidentFleet>>;

/** A mitigation's fleet. @throws MitigationRefused when the incident names none, or one that the installation no longer has */
export function fleetOf(fleets: Fleets, { fleet }: Pick<MitigationTarget, 'fleet'>): IncidentFleet & { readonly name: string } {
  const found = fleet === undefined ? undefined : fleets[fleet];
  if (fleet === undefined || found === undefined) {
    throw new MitigationRefused(`the installation has no fleet ${fleet ?? '(none was named)'}; nothing was changed`);
  }
  return { name: fleet, ...found };
}

export type RunbookInput =
  | { readonly incidentId: string; readonly run: number }
  | { readonly incidentId: string; readonly look: number }
  /** Carries out the mitigation that a person has asked for, by its record. */
  | { readonly incidentId: string; readonly do: MitigationKey }
  | {
      readonly runbook: Runbook;
      readonly fleet?: string;
      readonly dryRun?: boolean;
      readonly fromMs?: number;
      readonly toMs?: number;
      readonly sign?: Sign;
    };

export interface RunContext extends Omit<CollectRequest, 'hashKey'> {
  readonly run: number;
  readonly executionArn: string;
  readonly dryRun: boolean;
  /** Only a re-check has it: its number. `run` is then the number of the incident's latest run, which the re-check leaves alone. */
  readonly look?: number;
  /** It goes on with the incident's latest run, for the mitigation that a person has asked for: it collects and decides nothing. */
  readonly asked?: MitigationKey;
  /** A re-check has begun it: it repeats nothing that was decided in the same episode. */
  readonly afterLook?: true;
  /** This run leaves changes to the re-check that comes by this time, when CloudTrail has them. Absent: it looks them up itself. */
  readonly changesByMs?: number;
}

/** `SKIP`: another execution works on the incident or has begun this run, or the incident is closed or quiet. */
export type OpenReply =
  | { readonly verdict: VerdictOf<'DONE'>; readonly run: RunContext }
  | { readonly verdict: VerdictOf<'SKIP'>; readonly why: string };

export type CollectStep = { readonly step: 'collect'; readonly run: RunContext; readonly source: Source };
export type CollectReply = { readonly source: Source; readonly gap?: string; readonly beganAtMs?: number; readonly endedAtMs?: number };

/** `SKIP`: a re-check has shown nothing new. `run`: one whose finding has changed goes on as the incident's next run. */
export type ClassifyReply =
  | {
      readonly verdict: VerdictOf<'DONE'>;
      readonly run: RunContext;
      readonly finding: 'cause' | 'unknown' | 'nothing';
      readonly evidenceSha256: string;
    }
  | { readonly verdict: VerdictOf<'SKIP'> };

export type DecideReply = { readonly decisions: readonly Decision[] };

/** `REPEAT`: what waits for minutes before it acts is carried out; then there is another report. */
export interface ReportRunReply {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT'>;
  readonly waiting: readonly Decision[];
  readonly unsent?: string;
}

export interface MitigateStep {
  readonly step: 'plan' | 'act' | 'verify' | 'undo' | 'stillNeeded' | 'followUp';
  readonly run: RunContext;
  readonly decision: Decision;
  readonly isAfter?: boolean;
  readonly error?: { readonly Error: string; readonly Cause: string };
  /** Only an `undo` of what is over has it: why what the mitigation bridged is over, as the end of a sentence. */
  readonly over?: string;
  /** Only an `undo` has it: it is ended although what it bridges goes on, by its longest time or by a person. */
  readonly expired?: boolean;
}

/** `SKIP`: nothing to act on. `REPEAT`: it goes on after the report. `WAIT`: the same step comes again. `FAILED`: it is undone next. */
export interface MitigateReply {
  readonly key: MitigationKey;
  readonly verdict: VerdictOf<'DONE' | 'SKIP' | 'WAIT' | 'REPEAT'> | 'FAILED';
  /** Why `stillNeeded` returns FAILED: what the mitigation bridged is over, or (`expired`) it ends although that goes on. */
  readonly over?: string;
  readonly expired?: boolean;
  /** Of `stillNeeded`: its witnesses agree that what it bridges goes on, or have not been silent for long enough, or its end settles. */
  readonly holds?: boolean;
}

export type WatchInEffectStep = { readonly step: 'lookAfter'; readonly run: RunContext };
/** `WAIT`: something that bridges an outage is in effect; ask again. `DONE`: nothing is, or the schedule looks after the rest. */
export interface WatchInEffectReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  readonly undone: readonly MitigationKey[];
  readonly failed?: readonly string[];
}

export class InvalidRunbook extends HoldfastError {
  override readonly name = 'InvalidRunbook';
}

export class IncidentGone extends HoldfastError {
  override readonly name = 'IncidentGone';
  constructor(incidentId: string) {
    super(`the record of ${incidentId} does not exist any more; nothing was changed`);
  }
}

export const RETRYABLE_INCIDENT_ERRORS = [TransientServiceError.errorName] as const;

export const INCIDENT_ERRORS = ['InvalidRunbook', 'IncidentGone', 'ForeignExecution', MissingEnvironment.errorName] as const;
