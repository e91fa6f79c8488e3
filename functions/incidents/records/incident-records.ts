/** What the functions keep of incidents in the records table, as a port. Times are milliseconds since the epoch. */
import type { Runbook } from '../contract/causes.ts';
import type { ChangeFacts } from '../contract/evidence.ts';
import type { AlarmOnRecord, IncidentRecord, MitigationRecord, MitigationState, Sign } from '../contract/incident.ts';
import type { MitigationKey } from '../contract/mitigations.ts';

import type { BudgetClaim } from './mitigation-budget.ts';

/** Which incident a fingerprint has, or had last. A caller that finds it without its record creates the record from it. */
export interface IncidentPointer {
  readonly incidentId: string;
  readonly fingerprint: string;
  readonly runbook: Runbook;
  readonly fleet?: string;
  readonly openedAtMs: number;
  /** Absent while it is open. */
  readonly closedAtMs?: number;
  readonly dryRun?: true;
}

/** Fields of the record that steps set; `mitigations` and `signs` have changes of their own. */
export type IncidentChange = Partial<
  Pick<
    IncidentRecord,
    | 'stage'
    | 'closedAtMs'
    | 'quietSinceMs'
    | 'finding'
    | 'looked'
    | 'lookReported'
    | 'explainedBy'
    | 'witnessed'
    | 'hurts'
    | 'endSentMs'
    | 'report'
    | 'reported'
    | 'unsent'
    | 'executionArn'
    | 'running'
    | 'runs'
    | 'lastRunAtMs'
  >
>;

/** Optional fields that a change can remove. */
export type RemovableField = 'closedAtMs' | 'quietSinceMs' | 'unsent' | 'running' | 'finding' | 'report' | 'lookReported' | 'explainedBy';

/** What one look-up of CloudTrail found, for all incidents that share it. */
export interface ChangesLookUp {
  /** When it began. */
  readonly atMs: number;
  /** No change from before is among them. */
  readonly fromMs: number;
  /** Latest first, of the whole Region. */
  readonly changes: ChangeFacts['changes'];
  /** Operations that were not looked up, and why the last of them was not. */
  readonly failed: readonly string[];
  readonly failure: string;
  /** By operation: since when its calls were read, where there were more. */
  readonly cut: Readonly<Record<string, number>>;
}

export interface IncidentRecords {
  getIncident(incidentId: string): Promise<IncidentRecord | undefined>;
  /** The latest `count`, latest first; no other is read. */
  latestIncidents(count: number): Promise<readonly IncidentRecord[]>;
  /** Those whose id begins with `prefix`, latest first. */
  findIncidents(prefix: string): Promise<readonly IncidentRecord[]>;

  getPointer(fingerprint: string): Promise<IncidentPointer | undefined>;
  /** Every fingerprint's latest incident, open or closed: a handful. */
  pointers(): Promise<readonly IncidentPointer[]>;
  /** False when another incident has the fingerprint by now, or this one was closed or opened again since `seen` was read. */
  putPointer(pointer: IncidentPointer, seen: IncidentPointer | undefined): Promise<boolean>;
  deletePointer(fingerprint: string): Promise<void>;
  /** Creates the record of a pointer; an existing one stays as it is. */
  ensureIncident(pointer: IncidentPointer): Promise<IncidentRecord>;

  /**
   * Adds a sign in one conditional write. Undefined when the same change of that alarm, or a later one, is on record already, and for an
   * alarm that never fired for the incident and does not now: by being OK it says nothing.
   * @param as of an alarm that fires. @default it has fired with this sign
   */
  addSign(incidentId: string, sign: Sign, as?: Pick<AlarmOnRecord, 'firedAtMs' | 'firings' | 'joins'>): Promise<IncidentRecord | undefined>;
  /** The record after the change; undefined when there is none, or `ifExecution` is not its execution any more. */
  change(
    incidentId: string,
    change: IncidentChange,
    options?: { readonly remove?: readonly RemovableField[]; readonly ifExecution?: string },
  ): Promise<IncidentRecord | undefined>;
  /** An execution begins the next run. Undefined when another one works on the incident, or the run was begun by another one. */
  beginRun(incidentId: string, run: number, executionArn: string, nowMs: number): Promise<IncidentRecord | undefined>;
  /** An execution goes on with the latest run. Undefined when another one works on the incident. */
  continueRun(incidentId: string, executionArn: string): Promise<IncidentRecord | undefined>;
  addTrouble(incidentId: string, sentence: string): Promise<void>;

  /** Replaces a mitigation's record. */
  putMitigation(incidentId: string, key: MitigationKey, record: MitigationRecord): Promise<void>;
  /**
   * Changes a mitigation's record when its state is one of `from`. False when it is not.
   * @param ofRun and when it is that run's
   * @param unless and when none of the other mitigations is in one of these states
   */
  moveMitigation(
    incidentId: string,
    key: MitigationKey,
    from: readonly MitigationState[],
    change: Partial<MitigationRecord>,
    options?: {
      readonly ofRun?: number;
      readonly unless?: { readonly others: readonly MitigationKey[]; readonly in: readonly MitigationState[] };
    },
  ): Promise<boolean>;

  /** The later of the known and the given change of an alarm, after recording it. */
  noteAlarm(alarmName: string, state: Sign['state'], atMs: number): Promise<{ readonly state: Sign['state']; readonly atMs: number }>;
  /** Takes one of `most` mitigations in 60 minutes, in one conditional write; a claim that has one keeps it. */
  takeBudget(claim: BudgetClaim, most: number, nowMs: number): Promise<boolean>;
  /** For a mitigation that was refused before it sent anything: it was not carried out. */
  giveBackBudget(claim: string): Promise<void>;
  /** False while another turn of the schedule is at work, which has until then to end. */
  beginTurn(owner: string, nowMs: number, untilMs: number): Promise<boolean>;
  /** Ends the turn that has until then. */
  endTurn(owner: string): Promise<void>;
  /** Begins a look-up of CloudTrail, or puts what it found; false while another one has the time until then. */
  putLookUp(owner: string, nowMs: number, untilMs: number, found?: ChangesLookUp): Promise<boolean>;
  /** What the latest one found; undefined while it is under way. */
  getLookUp(): Promise<ChangesLookUp | undefined>;
  /** The secret that every incident's hash key is derived from; the first one creates it. */
  hashSecret(propose: () => string): Promise<string>;
}
