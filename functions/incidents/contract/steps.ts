/** What the runbook's state machine passes to its functions, and what they answer: small, since evidence is in the bucket. */

import { HoldfastError, MissingEnvironment, TransientServiceError } from '../../shared/errors.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { Runbook } from './causes.ts';
import type { CollectRequest } from './environment.ts';
import type { Source } from './evidence.ts';
import type { Sign } from './incident.ts';
import type { Decision, MitigationKey } from './mitigations.ts';

/** What starts the state machine: a run or a re-check of an incident on record, or a runbook that a person asks for. */
export type RunbookInput =
  | { readonly incidentId: string; readonly run: number }
  | { readonly incidentId: string; readonly look: number }
  /** Carries out the mitigation that a person has asked for, by its record. */
  | { readonly incidentId: string; readonly do: MitigationKey }
  | {
      readonly runbook: Runbook;
      /** Absent: all fleets. */
      readonly fleet?: string;
      /** Collects, classifies, decides and plans; sends nothing that changes anything. */
      readonly dryRun?: boolean;
      /** Begin and end of what is looked at. @default an hour before the sign, until now */
      readonly fromMs?: number;
      readonly toMs?: number;
      /** The sign that opens or joins the incident. @default a request of a person, made now */
      readonly sign?: Sign;
    };

/** One run of a runbook, carried from Open on. */
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
  /**
   * This run does not look changes up, which takes half a minute for events that CloudTrail has minutes later: the re-check that comes
   * by this time does. Absent where none comes, and the run looks them up itself.
   */
  readonly changesByMs?: number;
}

/**
 * `SKIP`: the execution has nothing to do. Another one works on the incident or has begun this run, or the sign is from before the
 * incident was closed; a re-check finds the incident closed, or none of its alarms on.
 */
export type OpenReply =
  | { readonly verdict: VerdictOf<'DONE'>; readonly run: RunContext }
  | { readonly verdict: VerdictOf<'SKIP'>; readonly why: string };

/** The request to a collecting function, which stores the facts at incidentKey(…, `SOURCE.json`). It answers `gap` where the source gave nothing. */
export interface CollectStep {
  readonly step: 'collect';
  readonly run: RunContext;
  readonly source: Source;
}
export interface CollectReply {
  readonly source: Source;
  readonly gap?: string;
  /** Where a run spends its time. Absent where it died. */
  readonly beganAtMs?: number;
  readonly endedAtMs?: number;
}

/**
 * `SKIP`: a re-check has shown nothing new, and ends. `run` is what the next steps get: a re-check whose finding has changed goes on as the
 * incident's next run, and has that run's context here.
 */
export type ClassifyReply =
  | {
      readonly verdict: VerdictOf<'DONE'>;
      readonly run: RunContext;
      readonly finding: 'cause' | 'unknown' | 'nothing';
      readonly evidenceSha256: string;
    }
  | { readonly verdict: VerdictOf<'SKIP'> };

export interface DecideReply {
  readonly decisions: readonly Decision[];
}

/** `REPEAT`: what waits for minutes before it acts is carried out; then there is another report. */
export interface ReportRunReply {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT'>;
  readonly waiting: readonly Decision[];
  /** What could not be done now; `tend` sends the report again. */
  readonly unsent?: string;
}

/** The request to the mitigating function, which reads everything else from the incident's record. */
export interface MitigateStep {
  readonly step: 'plan' | 'act' | 'verify' | 'undo' | 'stillNeeded' | 'followUp';
  readonly run: RunContext;
  readonly decision: Decision;
  /** Set at the plan after the report, of what comes after it. */
  readonly isAfter?: boolean;
  /** What the state machine caught, for `undo`. */
  readonly error?: { readonly Error: string; readonly Cause: string };
  /** Only an `undo` of what is over has it: why what the mitigation bridged is over, as the end of a sentence. */
  readonly over?: string;
  /** Only an `undo` has it: it is ended although what it bridges goes on, by its longest time or by a person. */
  readonly expired?: boolean;
}

/**
 * `DONE`: the step is done, and the next one follows. `SKIP`: there is nothing to act on. `REPEAT`: it goes on after the report. `WAIT`: the same
 * step is sent again later, because the result does not show yet; `act` waits while another mitigation is carried out, or this one is not ready. `FAILED`: the mitigation is undone next.
 */
export interface MitigateReply {
  readonly key: MitigationKey;
  readonly verdict: VerdictOf<'DONE' | 'SKIP' | 'WAIT' | 'REPEAT'> | 'FAILED';
  /** Why `stillNeeded` returns FAILED: what the mitigation bridged is over, or (`expired`) it ends although that goes on. */
  readonly over?: string;
  readonly expired?: boolean;
  /** Of `stillNeeded`: its witnesses agree that what it bridges goes on, or have not been silent for long enough, or its end settles. */
  readonly holds?: boolean;
}

/** The request of a runbook to the tending function, after its last report. */
export interface WatchInEffectStep {
  readonly step: 'lookAfter';
  readonly run: RunContext;
}
/** `WAIT`: something that bridges an outage is in effect; ask again. `DONE`: nothing is, or the schedule looks after the rest. */
export interface WatchInEffectReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  readonly undone: readonly MitigationKey[];
  /** What could not be undone now, in sentences. */
  readonly failed?: readonly string[];
}

/** What was asked for is no runbook, or no fleet. */
export class InvalidRunbook extends HoldfastError {
  override readonly name = 'InvalidRunbook';
}

/** The incident's record is gone, so that a step has nothing to work on. */
export class IncidentGone extends HoldfastError {
  override readonly name = 'IncidentGone';
  constructor(incidentId: string) {
    super(`the record of ${incidentId} does not exist any more; nothing was changed`);
  }
}

/** Error names for the state machine's Retry. */
export const RETRYABLE_INCIDENT_ERRORS = [TransientServiceError.errorName] as const;

/** Errors that repeating does not fix. */
export const INCIDENT_ERRORS = ['InvalidRunbook', 'IncidentGone', 'ForeignExecution', MissingEnvironment.errorName] as const;
