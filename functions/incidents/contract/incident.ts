/** The record of an incident. Times are milliseconds since the epoch. */
import type { Finding, Runbook } from './causes.ts';
import type { ApiCall, MitigationName, Mode } from './mitigations.ts';

/** An alarm's change of state, or a person's request, that opened or joined the incident. */
export interface Sign {
  /** Name of the alarm, or `person`. */
  readonly from: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly atMs: number;
  /** The alarm's own reason, shortened. */
  readonly reason?: string;
}

export type IncidentStage = 'collecting' | 'classifying' | 'deciding' | 'acting' | 'verifying' | 'reporting' | 'watching' | 'closed';

export type MitigationState =
  | 'observed'
  | 'refused'
  | 'waitingForApproval'
  | 'denied'
  | 'acting'
  | 'verifying'
  | 'done'
  | 'undoing'
  | 'undone'
  /** It could not be undone: the sentence says what was left. */
  | 'leftBehind';

export interface MitigationRecord {
  readonly name: MitigationName;
  readonly mode: Mode;
  readonly state: MitigationState;
  readonly calls: readonly ApiCall[];
  readonly effect?: string;
  readonly detail?: string;
  readonly requestedAtMs?: number;
  readonly finishedAtMs?: number;
  /** ARN of who approved or denied it. */
  readonly decidedBy?: string;
  /** What undo needs; never a secret. */
  readonly undo?: unknown;
}

export interface IncidentRecord {
  /** `inc-` and 12 hex digits of the fingerprint and the time it opened. */
  readonly incidentId: string;
  /** Runbook and fleet: one incident is open for each. */
  readonly fingerprint: string;
  readonly runbook: Runbook;
  /** Absent for an incident of the store that concerns every fleet. */
  readonly fleet?: string;
  readonly stage: IncidentStage;
  readonly openedAtMs: number;
  readonly closedAtMs?: number;
  /** Since when no alarm of it is in ALARM. */
  readonly quietSinceMs?: number;
  /** The last 50; `signCount` counts all. */
  readonly signs: readonly Sign[];
  readonly signCount: number;
  readonly flapping?: true;
  readonly dryRun?: true;
  readonly executionArn?: string;
  /** How often the runbook has run for it. */
  readonly runs: number;
  readonly finding?: Finding;
  readonly mitigations: Readonly<Partial<Record<MitigationName, MitigationRecord>>>;
  /** Keys in the releases bucket, under INCIDENT_REPORTS_PREFIX. */
  readonly report?: {
    readonly markdownKey: string;
    readonly jsonKey: string;
    readonly evidenceKey: string;
    readonly evidenceSha256: string;
  };
  /** A report that could not be sent yet, and what failed. */
  readonly unsent?: { readonly since: number; readonly reason: string };
}
