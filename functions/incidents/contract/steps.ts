/** What the runbook's state machine passes to its functions, and what they answer: small, since evidence is in the bucket. */
import type { VerdictOf } from '../../shared/verdict.ts';
import type { Runbook } from './causes.ts';
import type { CollectRequest } from './collect.ts';
import type { Source } from './evidence.ts';
import type { Sign } from './incident.ts';
import type { Decision, MitigationKey } from './mitigations.ts';

export const INCIDENTS_ENV = {
  installation: 'HOLDFAST_INSTALLATION',
  /** Names of the fleets, as a JSON array. */
  fleetNames: 'HOLDFAST_FLEET_NAMES',
  bucket: 'HOLDFAST_INCIDENTS_BUCKET',
  /** JSON: the configuration's part `incidents`. */
  settings: 'HOLDFAST_INCIDENTS_SETTINGS',
  stateMachineArn: 'HOLDFAST_RUNBOOK_STATE_MACHINE',
  topicArn: 'HOLDFAST_ALARMS_TOPIC',
  /** Base address of the documentation; absent: links are paths of the repository. */
  documentation: 'HOLDFAST_DOCUMENTATION',
} as const;

/** Events are repeated while a function does not answer: an alarm's change that is older than this is over, or found by what tends incidents. */
export const OLDEST_EVENT_MS = 3_600_000;

/** What starts the state machine: a run or a look of an incident on record, or a runbook that a person asks for. */
export type RunbookInput =
  | { readonly incidentId: string; readonly run: number }
  | { readonly incidentId: string; readonly look: number }
  | {
      readonly runbook: Runbook;
      /** Absent: all fleets. */
      readonly fleet?: string;
      /** Collects, classifies, decides and plans; sends nothing that changes anything. */
      readonly dryRun?: boolean;
      /** Begin and end of what is looked at. @default an hour before the sign, until now */
      readonly fromMs?: number;
      readonly toMs?: number;
      /** @default a person's, now */
      readonly sign?: Sign;
    };

/** One run of a runbook, carried from Open on. */
export interface RunContext extends Omit<CollectRequest, 'hashKey'> {
  readonly run: number;
  readonly executionArn: string;
  readonly dryRun: boolean;
  /** Number of the look that it is: `run` is then the latest one, which it leaves alone. */
  readonly look?: number;
  /** A look has begun it: it repeats nothing that was decided in the same episode. */
  readonly afterLook?: true;
}

/** `SKIP`: another execution works on the incident, or it is closed; of a look also that no alarm of it is on. */
export type OpenReply =
  | { readonly verdict: VerdictOf<'DONE'>; readonly run: RunContext }
  | { readonly verdict: VerdictOf<'SKIP'>; readonly why: string };

/** To a collecting function. It answers `gap` where the source gave nothing; the facts are at incidentKey(…, `SOURCE.json`). */
export interface CollectStep {
  readonly step: 'collect';
  readonly run: RunContext;
  readonly source: Source;
}
export interface CollectReply {
  readonly source: Source;
  readonly gap?: string;
}

/** `SKIP`: of a look that shows nothing new. `run`: how to go on; that of a look which has become a run is another one. */
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

/** `REPEAT`: people decide about what waits; then there is another report. */
export interface ReportRunReply {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT'>;
  readonly waiting: readonly Decision[];
  /** What could not be done now; `tend` sends the report again. */
  readonly unsent?: string;
}

/** To a mitigating function; what it needs else is in the incident's record. */
export interface MitigateStep {
  readonly step: 'plan' | 'act' | 'verify' | 'undo' | 'stillNeeded' | 'followUp';
  readonly run: RunContext;
  readonly decision: Decision;
  /** Set at the plan after an approval. */
  readonly approved?: boolean;
  /** What the state machine caught, for `undo`. */
  readonly error?: { readonly Error: string; readonly Cause: string };
  /** For `undo`, because what the mitigation bridged is over: why it is, as the end of a sentence. */
  readonly over?: string;
  /** For `undo`, because the mitigation reached its longest time, although what it bridges goes on. */
  readonly expired?: boolean;
}

/** `DONE`: go on; of `plan`: act. `SKIP`: there is nothing to act on. `REPEAT`: of `plan`, ask a person. `WAIT`: verify again; of `act`, another one is carried out. */
export interface MitigateReply {
  readonly key: MitigationKey;
  readonly verdict: VerdictOf<'DONE' | 'SKIP' | 'WAIT' | 'REPEAT'> | 'FAILED';
  /** Why `stillNeeded` returns FAILED: what the mitigation bridged is over, or (`expired`) it reached its longest time. */
  readonly over?: string;
  readonly expired?: boolean;
}

/** To the tending function, by the runbook while people decide, and after its last report. */
export interface LookAfterStep {
  readonly step: 'lookAfter';
  readonly run: RunContext;
  /** People decide meanwhile. */
  readonly asked?: boolean;
}
/**
 * `WAIT`: people still decide, or else something that bridges an outage is in effect; ask again. `DONE`: neither, or the schedule looks
 * after the rest.
 */
export interface LookAfterReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  readonly undone: readonly MitigationKey[];
  /** What could not be undone now, in sentences. */
  readonly failed?: readonly string[];
}
