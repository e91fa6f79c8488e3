/** What the page of an incident is made from, and what it has: one screen, and the rest. */
import type { Cause, Confidence, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { NewLines } from './new-lines.ts';

/** What a step has people do: a closed list, so that what is right in a situation can be written before anybody knows how the page says it. */
export const ACTS = [
  'nothing',
  'wait',
  'undo-change',
  'see-changes',
  'restore-stickiness',
  'previous-release',
  'stop-deploy',
  /** A setting of the application or of a listener that was so before: SameSite, a redirect to HTTPS. */
  'change-setting',
  'see-front',
  'see-cookie',
  'see-sign-in',
  'open-site',
  // Servers. `see-server`: what one of them does or has; `replace-server`: restart or replace one, or give it what it lacks.
  'read-lines',
  'see-server',
  'replace-server',
  'restart-servers',
  'see-scaling',
  'keep-servers',
  'see-store',
  'end-command',
  'see-store-way',
  'see-store-login',
  'see-deletions',
  'count-keys',
  'sweep',
  'make-room',
  'promote',
  're-login-page',
  'empty-store',
  /** Whatever is well or not: a comparison with the configuration, or the state of everything. */
  'see-status',
] as const;
export type Act = (typeof ACTS)[number];

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

export type Line = { readonly text: string; readonly source?: string };

export interface Done {
  readonly name: string;
  /** Which of the runbook's runs decided on the mitigation. */
  readonly run: number;
  readonly state: string;
  readonly text: string;
  readonly calls: readonly string[];
}

/** What a person does next; the commands work as printed. */
export interface Step {
  readonly text: string;
  /** Commands of Holdfast; for what it has no command for, one short command of the AWS CLI. */
  readonly commands: readonly string[];
  readonly act: Act;
}

/** The rows of the picture, from top to bottom. */
export const LANES = ['alarms', 'deploys', 'changes', 'store', 'servers', 'runbook'] as const;
export type Lane = (typeof LANES)[number];

export interface TimelineEvent {
  readonly lane: Lane;
  readonly atMs: number;
  /** When it ended; absent for what took no time. Where `lasts` is set, this is the timeline's end. */
  readonly untilMs?: number;
  /** It had not ended when the page was made. */
  readonly lasts?: true;
  readonly text: string;
  readonly endText?: string;
  readonly tone: 'bad' | 'good' | 'neutral';
  /** Events of the same kind by the same role: a deployment of the stacks makes dozens. */
  readonly kind?: string;
}

/** `events`: in the order of time. */
export type Timeline = { readonly fromMs: number; readonly untilMs: number; readonly events: readonly TimelineEvent[] };

export interface IncidentPage {
  readonly incidentId: string;
  readonly runbook: Runbook;
  /** `fleet web`, `every fleet`, or `the session store` */
  readonly about: string;
  readonly verdict: 'cause' | 'unknown' | 'nothing' | 'pending';
  readonly cause?: Cause;
  readonly confidence?: Confidence;
  readonly severity: 'high' | 'medium' | 'low';
  /** Installation and Region: `holdfast eu-west-1`. */
  readonly place: string;
  /** What it is, in a few plain words: `the store is down (certain)`. */
  readonly title: string;
  readonly open: boolean;
  readonly openedAtMs: number;
  readonly closedAtMs?: number;
  /** Whether users are affected now, not yet, or until when they were, without who and when. */
  readonly urgency: string;

  // The screen, from top to bottom.
  /** The trouble: who is hurt, how, since when, and how many now. */
  readonly headline: string;
  /** `Act now. Open for 12 m 03 s.` Empty where there is nothing to say. */
  readonly state: string;
  /** What users lost, or have begun and not finished, in sentences. */
  readonly people: readonly string[];
  /** What changed shortly before it began, the nearest first. */
  readonly changes: readonly string[];
  /** What of the minutes before is not known, or that nothing is. */
  readonly notKnownBefore?: string;
  /** Log lines that are new since it began. */
  readonly newLines?: NewLines;
  /** Who reaches the store, where that matters. */
  readonly reach?: string;
  readonly why: string;
  /** The first ones are on the screen. */
  readonly next: readonly Step[];
  /** A sentence before `done` where no call was sent. */
  readonly doneSummary: readonly string[];
  readonly done: readonly Done[];

  // The rest.
  /** Facts that show the cause, the strongest first. */
  readonly because: readonly Line[];
  /** What would show otherwise and is known not to be so; of an unknown cause, which causes it is not. */
  readonly ruledOut: readonly Line[];
  /** What is not known and would show otherwise; of an unknown cause, what would decide it. */
  readonly notKnown: readonly Line[];
  readonly facts: readonly string[];
  readonly timeline: Timeline;
  /** Sources that gave nothing, or not everything, in sentences. */
  readonly gaps: readonly string[];
  /** Addresses of what the documentation says about the cause and the alarms. */
  readonly links: readonly string[];
  readonly report?: { readonly markdownKey: string; readonly evidenceKey: string; readonly evidenceSha256: string };
}
