/** The records table's items, without their keys (keys.ts). Times are milliseconds since the epoch. */
import type { AppContract } from '../shared/app-contract.ts';
import type { Registration } from '../shared/aws/target-group.ts';
import type { UnwrittenChanges } from '../shared/unwritten.ts';
import type { OpenSuspension } from './suspension.ts';

/** A deploy's stop after its first targets, on its record. Times are milliseconds since the epoch. */

export interface DeployPause {
  /** How many targets the deploy has brought the release to before it waits. */
  readonly after: number;
  readonly startedAtMs: number;
  /** A deploy that nobody has continued by then counts as rejected, and is rolled back. */
  readonly endsAtMs: number;
  readonly continued?: DeployContinued;
}

export interface DeployContinued {
  readonly requestedBy: string;
  readonly atMs: number;
}

/** The fields of a deploy's record that its option `--pause-after` sets. */
export interface PausableDeploy {
  /** Number of targets after which the deploy begins nothing until somebody continues it. */
  readonly pauseAfter?: number;
  /** Absent before it waits. */
  readonly pause?: DeployPause;
}

/** Phases of a target, in the order of a deploy, as the record and the CLI show them. */
export const PHASES = [
  'waiting',
  'preparing',
  'pinning',
  'sessionDrain',
  'draining',
  'installing',
  'checkingReadiness',
  'registering',
  'baking',
  'done',
  'failed',
  'skipped',
  'rolledBack',
] as const;
export type Phase = (typeof PHASES)[number];

/** A deploy's hold on its fleet's lock. */
export interface Lease {
  /** Grows with every deploy of the fleet; an instance refuses a token lower than one it has seen. */
  readonly fencingToken: number;
  readonly expiresAtMs: number;
}

/** An error that a state machine caught. For a child execution it is `States.TaskFailed` with the child's description. */
export interface TaskError {
  readonly Error: string;
  /** JSON with errorMessage, if a function failed. */
  readonly Cause: string;
}

export type EndedAs = 'FAILED' | 'ABORTED' | 'TIMED_OUT';

/** A clean-up's mark in the deploy's record. */
export interface CleanUpClaim {
  readonly executionArn: string;
  readonly startedAtMs: number;
  /** The number of clean-ups so far, including this one. */
  readonly attempt: number;
}

/** A fleet's current release. Only a deploy that succeeded writes it: without the record, no release serves. */
export interface FleetRecord {
  readonly fleet: string;
  readonly currentVersion: string;
  /** SHA-256 of the archive that the deploy installed, in lower-case hex: a launching server installs no other. */
  readonly sha256: string;
  readonly updatedAtMs: number;
  readonly deployId: string;
  /** That deploy's token: an earlier deploy never undoes a later one's promotion. */
  readonly fencingToken: number;
}

export interface ReleaseRecord {
  readonly fleet: string;
  readonly version: string;
  /** SHA-256 of the archive, in lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly publishedAtMs: number;
  /** Who published it, as the publisher states it. */
  readonly publishedBy: string;
  readonly app: AppContract;
  /** The archive of its assets, next to its own; absent of a release without. */
  readonly assets?: Pick<ReleaseRecord, 'sha256' | 'sizeBytes'>;
}

/** The release that Holdfast last installed on an instance; `none` after a first deploy that failed brought the placeholder back. */
export interface InstanceRecord {
  readonly instanceId: string;
  readonly version: string;
  readonly installedAtMs: number;
  /** Version ids of the secrets and parameters that it was started with, by name. Absent of a server that reported none. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How an instance was registered when a deploy last took it out of the load balancer: it is registered again exactly so. */
export interface RecordedRegistrations {
  readonly deployId: string;
  readonly registrations: readonly Registration[];
}

/** What holds a fleet's lock other than a deploy: the check for what deploys left. An earlier version's incidents and refreshes held it too. */
export type OtherHolder = 'refresh' | 'incident' | 'reconcile';

/** A fleet's lock, held while a deploy works on its servers. `fencingToken` outlives the release and grows with each. */
export interface LockRecord {
  readonly fencingToken: number;
  /** Id of the deploy, or of the other holder. Absent when the lock is free. */
  readonly deployId?: string;
  readonly heldBy?: OtherHolder;
  readonly executionArn?: string;
  readonly requestedBy?: string;
  readonly version?: string;
  readonly acquiredAtMs?: number;
  readonly expiresAtMs?: number;
  /** Deploys that have not recorded their end; absent when there are none. The reconciler reads this set instead of every record. */
  readonly openDeploys?: ReadonlySet<string>;
  /** What is suspended now: written before anything is, removed when it is restored. A later deploy takes over what it finds. */
  readonly suspension?: OpenSuspension;
  /** The highest epoch that its holder has begun to resume: its suspend, where Lambda delivers it again later, is refused. */
  readonly resumedEpoch?: number;
}

export interface DeployRecord extends PausableDeploy {
  readonly deployId: string;
  readonly executionArn: string;
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  readonly requestedBy: string;
  readonly startedAtMs: number;
  readonly finishedAtMs?: number;
  readonly status: 'RUNNING' | 'SUCCEEDED' | EndedAs;
  /** Stage of the whole deploy: `preflight`, `rolling`, `settling`, … */
  readonly stage: string;
  /** Unwrapped: `Error` is the name of the deploy's error, `Cause` its message. */
  readonly error?: TaskError;
  /** Whether every target that a failed deploy touched runs the previous release again. */
  readonly rolledBack?: boolean;
  /** The fleet's state and what to run next, in sentences, if the deploy failed or finished without some servers. */
  readonly outcome?: string;
  /** What the operator should know of a deploy that goes on all the same, in sentences. */
  readonly warnings?: readonly string[];
  /** It rolls the fleet, and its clean-up rolls it back, however few targets are healthy. @default false */
  readonly recover?: boolean;
  /** With `recover`: it still refuses what would end sessions. */
  readonly keepsSessions?: true;
  /** Id of the instance that it restarted, with the release that it had. Absent: it brought a release to the fleet. */
  readonly restart?: string;
  /** It restarted every server with the release that it had. */
  readonly restartAll?: true;
  /** Servers took what they ran for its release, equal or with differences. */
  readonly adopt?: 'equal' | 'differences';
  /** It went on where the stop scripts of the bundle before failed. */
  readonly ignoreApplicationStopFailures?: true;
  /** What its release does to users by intent, by the word of who started it. */
  readonly expect?: 'turned-away' | 'pages';
  /** The one that it took the lock with. Absent of records of earlier releases of Holdfast. */
  readonly fencingToken?: number;
  /** The settings that it started with (deploy/settings/settings.ts); its clean-up uses them. */
  readonly settings?: { readonly reconcileMinutes: number } & Readonly<Record<string, unknown>>;
  readonly cleanUp?: CleanUpClaim;
  /** State of each watched alarm before the deploy touched anything: `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
  readonly alarmsAtStart?: Readonly<Record<string, string>>;
  /** Version of each document (instance/document-contract.ts) that its commands and those of its clean-up run. */
  readonly documents?: {
    readonly waitIdle: string;
    readonly install: string;
    readonly observe: string;
    readonly accessLog?: string | undefined;
    readonly stageAssets?: string | undefined;
    readonly prepare?: string | undefined;
  };
  /** Assets were staged: the clean-up takes away those of a release that no server has. */
  readonly stages?: true;
  /** What it looks at people by, and what its latest look showed. */
  readonly people?: DeployPeople;
  /** Whether both releases read each other's sessions: `checked by …` or `not tried: …`, then what the session gate found. */
  readonly sessions?: string;
  readonly sessionGate?: { readonly verdict: 'compatible' | 'not checked' | 'incompatible'; readonly detail: string };
  /** SHA-256 of the release's archive when the deploy was planned: it installs no other under this version. */
  readonly sha256?: string;
  /** What failed first: from then on the deploy begins nothing, and waits for what is under way to end. */
  readonly firstFailure?: TaskError;
  /** Sessions that its servers still had when the wait for them ended. Absent of a deploy that did not wait for sessions. */
  readonly sessionsCutOff?: number;
  readonly targets: Readonly<Record<string, TargetProgress>>;
}

/** What people met with a new release, as a deploy last looked. */
export interface DeployPeople {
  readonly source: 'access log' | 'load balancer';
  /** Requests of one user go to one server. */
  readonly isSticky?: true;
  readonly servers: number;
  readonly verdict: 'planned' | 'hurt' | 'fine' | 'tooFew' | 'unchecked';
  /** Why, in a clause; empty where the verdict says all. */
  readonly detail: string;
  readonly unit?: 'people' | 'requests';
  /** By kind: how many before the deploy, in slices as long as a look, of how many. Of the deploy's first bake. */
  readonly before?: Readonly<Record<string, { readonly hurt: number; readonly of: number }>>;
  /** Kinds that enough people could have met on the first servers, and nobody has. */
  readonly fine?: readonly string[];
}

export interface EnteredPhase {
  readonly phase: Phase;
  readonly startedAtMs: number;
}

export interface TargetProgress {
  readonly phase: Phase;
  /** Position in the plan, starting at 0. */
  readonly order: number;
  readonly fromVersion: string;
  /** What the previous release was started with: its {@link InstanceRecord} before the roll. */
  readonly environment?: InstanceRecord['environment'];
  /** Load balancer's target state before the roll; `unused` when the target was out of service already. */
  readonly healthBefore?: string;
  readonly phaseStartedAtMs: number;
  /** The phases that it entered, oldest first. A step that is delivered twice adds its phase twice. */
  readonly phases?: readonly EnteredPhase[];
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  readonly inFlight?: number;
  /** What showed the requests in flight when it was last drained. */
  readonly drainSignal?: 'counts' | 'kernel' | 'blind';
  /** Why the drain had no better signal; empty when a later slice had one. */
  readonly drainReason?: string;
  /** WebSockets and endless streams, while it drains. */
  readonly longLived?: number;
  /** Requests that its drains have cut, by the fleet's setting or an operator's word: of its roll and of its rollbacks. */
  readonly requestsCut?: number;
  /** Sessions in the server's memory when its drain began. */
  readonly sessions?: number;
  /** Sessions in its memory at the last look, while the deploy waits for them. */
  readonly sessionsLeft?: number;
  /** When the wait for its sessions ends at the latest. */
  readonly sessionDrainEndsAtMs?: number;
  /** Sessions that it still had when the waits for them ended, of its roll and of its rollbacks: they were lost with the server's memory. */
  readonly sessionsCutOff?: number;
  /** What the server's sample of requests showed at the end of its bake, where it compares sessions with the store. */
  readonly unwritten?: UnwrittenChanges;
  /** Somebody ended the wait for its sessions, or its drain. */
  readonly endDrain?: { readonly requestedBy: string; readonly atMs: number };
  readonly upInARow?: number;
  /** Duration of this target's bake; absent where it is the one that the settings have for all targets. */
  readonly bakeSeconds?: number;
  /** One sentence when the phase is `failed`, or `skipped` because the instance is gone. */
  readonly detail?: string;
  /** After a failed install: the version that serves on the instance again; absent when none does. */
  readonly servingVersion?: string;
  /** What its last failure did: `true` took an unfit release out, or left an address out that is not taken back; `false` registered it, null nothing. */
  readonly takenOut?: boolean | null | undefined;
  /** It could not be registered again after a failure, for its instance does not run. */
  readonly notRunning?: true;
  readonly commandId?: string;
  /** Name of the execution that rolls it; it has possibly not started yet. */
  readonly executionName?: string;
  /** It started while the deploy ran: the deploy can finish without it. */
  readonly newcomer?: boolean;
  /** When the deploy first saw the newcomer. */
  readonly seenAtMs?: number;
  /** Its Availability Zone, where the fleet's group names it. */
  readonly zone?: string;
  /** The deploy goes on if it cannot be rolled. */
  readonly mayFail?: true;
  /** Name of the execution that was to roll it and ended without recording how. */
  readonly died?: string;
  /** Set when a clean-up has started to roll it back to this release. */
  readonly rollingBackTo?: string;
}
