/** What the page of an incident is made from, and what it has. */
import type { Cause, Confidence, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { NewLines } from './new-lines.ts';
import type { Timeline } from './timeline.ts';

export interface Place {
  readonly installation: string;
  readonly region: string;
  /** Commands for the local cloud carry no Region. */
  readonly local: boolean;
  /** Base address of the documentation's pages. Absent: links are the local console's, or paths of the repository. */
  readonly documentation?: string;
  /** Address of the local cloud's console, which has the runbook. */
  readonly console?: string;
  /** Fleets of the installation; an incident of the store names its commands for the first. */
  readonly fleets: readonly string[];
  /** Options that make the AWS CLI use the local cloud; on AWS `--region` is enough. */
  readonly awsOptions?: string;
  /** Written before `aws`, so that it reads the local cloud's credentials. */
  readonly awsEnvironment?: string;
}

export interface ReportInput {
  readonly incident: IncidentRecord;
  /** What the runbook's latest run collected; absent until it has. */
  readonly evidence?: Evidence | undefined;
  readonly place: Place;
  readonly nowMs: number;
  /** What else the runbook found, in sentences: critical actions that are pending. */
  readonly facts?: readonly string[];
}

/** A fact and where it comes from. */
export interface Line {
  readonly text: string;
  readonly source?: string;
}

/** What was done, or was not, about the cause. */
export interface Done {
  readonly name: string;
  /** Which of the runbook's runs decided on the mitigation. */
  readonly run: number;
  readonly state: string;
  readonly text: string;
  /** The API calls, as text. */
  readonly calls: readonly string[];
}

/** What a person does next; the commands work as printed. */
export interface Step {
  readonly text: string;
  /** Commands of Holdfast; for what it has no command for, one short command of the AWS CLI. */
  readonly commands: readonly string[];
}

export interface IncidentPage {
  readonly incidentId: string;
  readonly runbook: Runbook;
  /** `fleet web`, `every fleet`, or `the session store` */
  readonly about: string;
  readonly verdict: 'cause' | 'unknown' | 'nothing' | 'pending';
  readonly cause?: Cause;
  readonly confidence?: Confidence;
  /** Who is hurt, how, since when, and how sure the cause is. */
  readonly headline: string;
  /** Why, and what is open about that. */
  readonly why: string;
  /** As of alarms. */
  readonly severity: 'high' | 'medium' | 'low';
  /** Installation and Region: `holdfast eu-west-1`. */
  readonly place: string;
  /** What it is, in a few plain words: `the store is down (certain)`. */
  readonly title: string;
  /** `Open for 12 m 03 s; the runbook is writing its report.` Empty where there is nothing to say. */
  readonly state: string;
  readonly open: boolean;
  readonly openedAtMs: number;
  readonly closedAtMs?: number;
  /** How urgent it is, in one line: whether users are affected now, not yet, or until when they were. */
  readonly urgency: string;
  /** Facts that show the cause, the strongest first: the first three are the page's. */
  readonly because: readonly Line[];
  /** What would show otherwise and is known not to be so: `draining targets: 0 of 3 targets`. */
  readonly ruledOut: readonly Line[];
  /** What is not known and would show otherwise; of an unknown cause, what would decide it. */
  readonly notKnown: readonly Line[];
  /** Who is affected, in sentences; empty where nothing is wrong, or nothing is known yet. */
  readonly affected: readonly string[];
  readonly facts: readonly string[];
  /** Log lines that are new since the trouble began. */
  readonly newLines?: NewLines;
  /** What was searched for, and that nothing or what was found: of use to who has looked at the rest. */
  readonly searched: readonly string[];
  /** A sentence before them where no call was sent. */
  readonly doneSummary: readonly string[];
  readonly done: readonly Done[];
  readonly next: readonly Step[];
  readonly timeline: Timeline;
  /** Sources that gave nothing, or not everything, in sentences. */
  readonly gaps: readonly string[];
  /** Those of every incident: there is no canary, CloudTrail is late. `--all` and the stored report show them. */
  readonly usualGaps: readonly string[];
  /** Addresses of what the documentation says about the cause and the alarms. */
  readonly links: readonly string[];
  readonly report?: { readonly markdownKey: string; readonly evidenceKey: string; readonly evidenceSha256: string };
}

/** The most facts of the first screen, and of the short message. */
export const SHOWN_FACTS = 3;
