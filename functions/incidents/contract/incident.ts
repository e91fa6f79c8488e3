/** The record of an incident. Times are milliseconds since the epoch. */
import type { Finding, Runbook } from './causes.ts';
import type { ApiCall, MitigationKey, MitigationName, MitigationTarget, Mode } from './mitigations.ts';
import type { Witnessed } from './store-facts.ts';

export interface Sign {
  /** Name of the alarm, or `person`. */
  readonly from: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly atMs: number;
  readonly reason?: string;
}

export interface AlarmOnRecord {
  readonly state: Sign['state'];
  readonly atMs: number;
  /** When it fired first in the latest episode in which it did: since the alarms that open the incident were last all OK. */
  readonly firedAtMs?: number;
  readonly firings?: readonly number[];
  /** It is evidence: it opens no incident, and keeps none open. */
  readonly joins?: true;
}

/** So often an alarm has fired within the last hour while it counts as flapping. */
export const FLAPPING_TIMES = 4;
const FLAPPING_MS = 3_600_000;

/** One of its alarms fires again and again, now: looking at once each time would only repeat what was found. */
export const isFlapping = ({ alarms }: Pick<IncidentRecord, 'alarms'>, nowMs: number): boolean =>
  Object.values(alarms).some(
    ({ firings = [] }) => firings.length >= FLAPPING_TIMES && nowMs - (firings.at(-FLAPPING_TIMES) ?? 0) < FLAPPING_MS,
  );

export type Recheck = { readonly number: number; readonly ofEpisode: number; readonly firstSignMs: number; readonly atMs: number };

export type IncidentStage = 'collecting' | 'classifying' | 'deciding' | 'acting' | 'verifying' | 'reporting' | 'watching' | 'closed';

export type MitigationState =
  | 'planned'
  | 'observed'
  | 'refused'
  | 'acting'
  | 'verifying'
  | 'done'
  | 'undoing'
  | 'undone'
  /** It bridged an outage that is over: what it changed is back as it was before. */
  | 'ended'
  /** It could not be undone: the sentence says what was left. */
  | 'leftBehind';

export const UNDER_WAY: readonly MitigationState[] = ['acting', 'verifying'];
/** In these states its calls were sent, or can have been, and it is not undone yet. */
export const SENT: readonly MitigationState[] = [...UNDER_WAY, 'done', 'undoing'];

export interface MitigationRecord {
  readonly name: MitigationName;
  readonly target: MitigationTarget;
  readonly run: number;
  readonly mode: Mode;
  readonly state: MitigationState;
  readonly calls: readonly ApiCall[];
  readonly effect?: string;
  readonly reason?: string;
  readonly detail?: string;
  readonly requestedAtMs?: number;
  readonly requestedBy?: string;
  readonly endedBy?: string;
  readonly plannedAtMs?: number;
  readonly actedAtMs?: number;
  readonly finishedAtMs?: number;
  /** Its change was begun, and goes on by itself. */
  readonly goesOn?: boolean;
  /** Only a mitigation that bridges an outage has it: since when checks find the outage over. 0: they find that it goes on again. */
  readonly overSinceMs?: number;
  /** Only a mitigation that bridges an outage has it: since when its witnesses are silent, or do not agree. 0: they do. */
  readonly silentSinceMs?: number;
  /** What undo needs; never a secret. */
  readonly undo?: unknown;
}

export interface IncidentRecord {
  readonly incidentId: string;
  /** Runbook and fleet: one incident is open for each. */
  readonly fingerprint: string;
  readonly runbook: Runbook;
  readonly fleet?: string;
  readonly stage: IncidentStage;
  readonly openedAtMs: number;
  readonly closedAtMs?: number;
  /** Since when no alarm of it is in ALARM. */
  readonly quietSinceMs?: number;
  readonly alarms: Readonly<Record<string, AlarmOnRecord>>;
  readonly signs: readonly Sign[];
  readonly signCount: number;
  readonly dryRun?: true;
  readonly executionArn?: string;
  readonly running?: true;
  readonly runs: number;
  readonly lastRunAtMs?: number;
  /** What went wrong in the runbook itself, in sentences: a phase that died, a time limit. */
  readonly troubles?: readonly string[];
  readonly finding?: Finding;
  /** Whether users were hurt when it was last looked at, and went on to be: only then can it explain who else is. Absent: before its first finding. */
  readonly hurts?: boolean;
  readonly looked?: Recheck;
  /** What a re-check has shown while a run was under way, and people have got a message about: a cause, or `nothing`. */
  readonly lookReported?: string;
  /** Id of the open incident of the store that explains it: it sends nothing, and decides nothing. */
  readonly explainedBy?: string;
  /** The store from the side of its fleets, each minute while an alarm is on: the latest. */
  readonly witnessed?: readonly Witnessed[];
  readonly endSentMs?: number;
  readonly mitigations: Readonly<Partial<Record<MitigationKey, MitigationRecord>>>;
  readonly report?: {
    readonly markdownKey: string;
    readonly jsonKey: string;
    readonly evidenceKey: string;
    readonly evidenceSha256: string;
  };
  /** Digest of the states that the stored report shows: another one makes it be written again. */
  readonly reported?: string;
  readonly unsent?: { readonly since: number; readonly reason: string };
}
