/** The record of an incident. Times are milliseconds since the epoch. */
import type { Finding, Runbook } from './causes.ts';
import type { ApiCall, MitigationKey, MitigationName, MitigationTarget, Mode } from './mitigations.ts';
import type { Witnessed } from './store-facts.ts';

/** An alarm's change of state, or a person's request, that opened or joined the incident. */
export interface Sign {
  /** Name of the alarm, or `person`. */
  readonly from: string;
  readonly state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly atMs: number;
  /** The alarm's own reason, shortened. */
  readonly reason?: string;
}

/** An alarm of an incident. */
export interface AlarmOnRecord {
  readonly state: Sign['state'];
  /** When the alarm last changed its state, in milliseconds since the epoch. */
  readonly atMs: number;
  /** When it fired first in the latest episode in which it did: since the alarms that open the incident were last all OK. */
  readonly firedAtMs?: number;
  /** Its latest firings, oldest first: as many as make it flap. */
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

/** What the schedule started last to see whether the finding still holds. */
export interface Recheck {
  /** It counts from 1 over the incident's life. */
  readonly number: number;
  /** It counts from 1 in the episode that began with `firstSignMs`. */
  readonly ofEpisode: number;
  readonly firstSignMs: number;
  readonly atMs: number;
}

export type IncidentStage = 'collecting' | 'classifying' | 'deciding' | 'acting' | 'verifying' | 'reporting' | 'watching' | 'closed';

export type MitigationState =
  /** Its calls are on record; nothing was sent. */
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

export interface MitigationRecord {
  readonly name: MitigationName;
  readonly target: MitigationTarget;
  /** Which of the runbook's runs decided on the mitigation. */
  readonly run: number;
  readonly mode: Mode;
  readonly state: MitigationState;
  readonly calls: readonly ApiCall[];
  readonly effect?: string;
  /** Why it has its mode, in a sentence. */
  readonly reason?: string;
  readonly detail?: string;
  readonly requestedAtMs?: number;
  /** Who has asked to carry it out, and to end it. */
  readonly requestedBy?: string;
  readonly endedBy?: string;
  /** When its pre-conditions were last read for a plan. */
  readonly plannedAtMs?: number;
  /** When its calls were first sent. */
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
  /** Each of its alarms as its latest change left it. */
  readonly alarms: Readonly<Record<string, AlarmOnRecord>>;
  /** The first 50; `signCount` counts all. */
  readonly signs: readonly Sign[];
  readonly signCount: number;
  readonly dryRun?: true;
  /** The latest execution of its runbook. */
  readonly executionArn?: string;
  /** Set while that execution works on it. */
  readonly running?: true;
  /** How often the runbook has run for it. */
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
  /** When people got the message that it is over. */
  readonly endSentMs?: number;
  readonly mitigations: Readonly<Partial<Record<MitigationKey, MitigationRecord>>>;
  /** Keys in the releases bucket, under INCIDENT_REPORTS_PREFIX. */
  readonly report?: {
    readonly markdownKey: string;
    readonly jsonKey: string;
    readonly evidenceKey: string;
    readonly evidenceSha256: string;
  };
  /** Digest of the states that the stored report shows: another one makes it be written again. */
  readonly reported?: string;
  /** A report that could not be sent yet, and what failed. */
  readonly unsent?: { readonly since: number; readonly reason: string };
}
