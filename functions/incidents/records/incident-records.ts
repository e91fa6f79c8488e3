/** What the functions keep of incidents in the records table, as a port. Times are milliseconds since the epoch. */

import { createHash } from 'node:crypto';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import type { TextObjects } from '../../shared/aws/objects.ts';
import { TransientServiceError } from '../../shared/errors.ts';
import type { Runbook } from '../contract/causes.ts';
import type { ChangeFacts } from '../contract/evidence.ts';
import type { AlarmOnRecord, IncidentRecord, MitigationRecord, MitigationState, Sign } from '../contract/incident.ts';
import type { MitigationKey } from '../contract/mitigations.ts';

/** `of`: name of its fleet; absent: it works on the store. Each has a budget of its own. */
export type BudgetClaim = { readonly claim: string; readonly of?: string };

/** `version`: grows with each write: a write that has seen an older one is refused. */
export type BudgetRecord = { readonly version: number; readonly taken: readonly (BudgetClaim & { readonly atMs: number })[] };

const HOUR_MS = 3_600_000;

/** `keeps`: the claim has its place already. `full`: the budget is spent. */
export type BudgetDecision = 'keeps' | 'full' | { readonly put: BudgetRecord };

/** Pure. @param most in any 60 minutes */
export function decideBudget(known: BudgetRecord | undefined, wanted: BudgetClaim, most: number, nowMs: number): BudgetDecision {
  // A time in the future counts: clocks of functions differ by milliseconds, and a budget errs on the side of less.
  const taken = (known?.taken ?? []).filter(({ atMs }) => nowMs - atMs < HOUR_MS);
  if (taken.some((one) => one.claim === wanted.claim)) return 'keeps';
  if (taken.filter((one) => one.of === wanted.of).length >= most) return 'full';
  return { put: { version: (known?.version ?? 0) + 1, taken: [...taken, { ...wanted, atMs: nowMs }] } };
}

export function withoutClaim(known: BudgetRecord | undefined, claim: string): BudgetRecord | undefined {
  const taken = known?.taken.filter((one) => one.claim !== claim);
  return known === undefined || taken === undefined || taken.length === known.taken.length
    ? undefined
    : { version: known.version + 1, taken };
}

/** Which incident a fingerprint has, or had last. A caller that finds it without its record creates the record from it. */
export interface IncidentPointer {
  readonly incidentId: string;
  readonly fingerprint: string;
  readonly runbook: Runbook;
  readonly fleet?: string;
  readonly openedAtMs: number;
  readonly closedAtMs?: number;
  readonly dryRun?: true;
}

/** Fields of the record that steps set; `mitigations` and `signs` have changes of their own. */
export type IncidentChange = Partial<
  Omit<IncidentRecord, 'incidentId' | 'fingerprint' | 'runbook' | 'fleet' | 'openedAtMs' | 'alarms' | 'signs' | 'signCount' | 'mitigations'>
>;

export type RemovableField = 'closedAtMs' | 'quietSinceMs' | 'unsent' | 'running' | 'finding' | 'report' | 'lookReported' | 'explainedBy';

/** What one look-up of CloudTrail found, for all incidents that share it. */
export interface ChangesLookUp {
  readonly atMs: number;
  /** No change from before is among them. */
  readonly fromMs: number;
  readonly changes: ChangeFacts['changes'];
  /** Operations that were not looked up, and why the last of them was not. */
  readonly failed: readonly string[];
  readonly failure: string;
  /** By operation: since when its calls were read, where there were more. */
  readonly cut: Readonly<Record<string, number>>;
}

export interface IncidentRecords {
  getIncident(incidentId: string): Promise<IncidentRecord | undefined>;
  latestIncidents(count: number): Promise<readonly IncidentRecord[]>;
  findIncidents(prefix: string): Promise<readonly IncidentRecord[]>;

  getPointer(fingerprint: string): Promise<IncidentPointer | undefined>;
  pointers(): Promise<readonly IncidentPointer[]>;
  /** False when another incident has the fingerprint by now, or this one was closed or opened again since `seen` was read. */
  putPointer(pointer: IncidentPointer, seen: IncidentPointer | undefined): Promise<boolean>;
  deletePointer(fingerprint: string): Promise<void>;
  ensureIncident(pointer: IncidentPointer): Promise<IncidentRecord>;

  /** Undefined for a change of its alarm that is on record, or older, and for an alarm that never fired for the incident and does not now. */
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

  putMitigation(incidentId: string, key: MitigationKey, record: MitigationRecord): Promise<void>;
  /** False when its state is none of `from`, its run is not `ofRun`, or another mitigation is in a state that `unless` names. */
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
  giveBackBudget(claim: string): Promise<void>;
  /** False while another turn of the schedule is at work, which has until then to end. */
  beginTurn(owner: string, nowMs: number, untilMs: number): Promise<boolean>;
  endTurn(owner: string): Promise<void>;
  /** Begins a look-up of CloudTrail, or puts what it found; false while another one has the time until then. */
  putLookUp(owner: string, nowMs: number, untilMs: number, found?: ChangesLookUp): Promise<boolean>;
  getLookUp(): Promise<ChangesLookUp | undefined>;
  /** The secret that every incident's hash key is derived from; the first one creates it. */
  hashSecret(propose: () => string): Promise<string>;
}

/** Each lost race means that another alarm has opened, or opened again, the same incident. */
const MOST_ATTEMPTS = 5;

export const fingerprintOf = (runbook: Runbook, fleet: string | undefined): string =>
  fleet === undefined ? runbook : `${runbook}/${fleet}`;

export const incidentIdOf = (fingerprint: string, openedAtMs: number): string =>
  `inc-${createHash('sha256').update(`${fingerprint} ${openedAtMs}`).digest('hex').slice(0, 12)}`;

export interface OpenRequest {
  readonly runbook: Runbook;
  readonly fleet: string | undefined;
  readonly atMs: number;
  readonly coolDownMs: number;
}

type PointerRecords = Pick<IncidentRecords, 'getPointer' | 'putPointer' | 'ensureIncident' | 'change'>;

/** An incident that was closed less than the cool-down ago opens again. @returns undefined for a sign from before the incident was closed */
export async function openOrJoin(records: PointerRecords, request: OpenRequest): Promise<IncidentRecord | undefined> {
  const { runbook, fleet, atMs, coolDownMs } = request;
  const fingerprint = fingerprintOf(runbook, fleet);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const seen = await records.getPointer(fingerprint);
    if (seen && seen.closedAtMs === undefined) return records.ensureIncident(seen);
    if (seen?.closedAtMs !== undefined && atMs <= seen.closedAtMs) return undefined;
    if (seen?.closedAtMs !== undefined && atMs - seen.closedAtMs < coolDownMs) {
      const { closedAtMs: _, ...open } = seen;
      if (!(await records.putPointer(open, seen))) continue;
      await records.ensureIncident(open);
      return records.change(open.incidentId, { stage: 'watching' }, { remove: ['closedAtMs', 'quietSinceMs'] });
    }
    const pointer: IncidentPointer = {
      incidentId: incidentIdOf(fingerprint, atMs),
      fingerprint,
      runbook,
      ...(fleet !== undefined && { fleet }),
      openedAtMs: atMs,
    };
    if (await records.putPointer(pointer, seen)) return records.ensureIncident(pointer);
  }
  throw new TransientServiceError(new Error(`the incident of ${fingerprint} was opened and closed ${MOST_ATTEMPTS} times meanwhile`));
}

export interface IncidentObjects {
  put(key: string, body: string, contentType: 'application/json' | 'text/markdown; charset=utf-8'): Promise<void>;
  get(key: string): Promise<string | undefined>;
}

export const createIncidentObjects = (objects: TextObjects): IncidentObjects => ({
  put: objects.put,
  get: (key) => getIfExists(objects, key),
});

export async function getIfExists({ get }: Pick<TextObjects, 'get'>, key: string): Promise<string | undefined> {
  try {
    return await get(key);
  } catch (error) {
    // A role that may not list the bucket gets AccessDenied from S3 for a key that does not exist.
    if (isAwsError(error, 'NoSuchKey', 'AccessDenied')) return undefined;
    throw error;
  }
}
