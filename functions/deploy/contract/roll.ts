/** One target while it is rolled: what its steps carry from one to the next, and the requests of the functions that roll it. */

import type { SessionCookie } from '../../instance/document-contract.ts';
import type { BakeProgress, DrainProgress, ReadyProgress } from '../../instance/progress.ts';
import type { TaskError } from '../../records/types.ts';
import type { BundleEvent } from '../../shared/app-contract.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { Held } from './common.ts';

/**
 * What the RollTarget state machine carries: the clock, the command and the counts that the next step goes on from. The
 * target's record (TargetProgress) has the rest: which releases the roll replaces and brings, and which execution rolls it.
 * Three values are also on record, for other readers: when the phase began and the answers in a row, which the commands show,
 * and the command, which a clean-up cancels. Steps decide by their payload alone, so that one delivered twice decides alike.
 */
export interface Roll {
  readonly instanceId: string;
  /** The name of the execution that rolls it. Absent while a clean-up only registers the target. */
  readonly executionName?: string;
  /** When the current phase began, milliseconds since the epoch. A step that is delivered twice is judged by the same clock. */
  readonly phaseStartedAtMs: number;
  /** SSM command that is being waited for. */
  readonly commandId?: string;
  /** When it was sent, milliseconds since the epoch. */
  readonly commandSentAtMs?: number;
  /** How long no request has to arrive; chosen when the roll began, by how busy the fleet is. */
  readonly quietSeconds: number;
  /** How many targets can be in flight at the same time, where it is more than one: each polls the more rarely. */
  readonly atOnce?: number;
  /** How long its bake takes; chosen when the roll began. Absent: as the settings have it. */
  readonly bakeSeconds?: number;
  /** Nothing has to be done on its server before it is taken out. Absent: the server's preparation finds that out. */
  readonly isPrepared?: true;
  /** The deploy goes on without the target if it cannot be rolled. */
  readonly mayFail?: true;
  /** Its address cannot be registered yet: its deregistration delay has not passed. */
  readonly awaitsDelay?: true;
  /** The deploy had put it back into service, and the load balancer no longer has it: a clean-up registers it once more. */
  readonly hasLeft?: true;
  /** Its archive arrived incomplete once; a second time fails the roll. */
  readonly installedAgain?: true;
  /** The event of a bundle whose scripts run, or have run, apart from the install's. */
  readonly hook?: BundleEvent;
  /** Its server has the files of the release that it is to take what it runs for, and is asked whether that is UP. */
  readonly adopts?: 'files' | 'readiness';
  /** How long the command takes at most, in seconds, where a bundle's scripts decide it. */
  readonly commandSeconds?: number | undefined;
  /** Absent for a server whose sessions are not waited for. */
  readonly sessions?: SessionsProgress;
  readonly drain?: DrainProgress;
  readonly readiness?: ReadyProgress;
  readonly bake?: BakeProgress;
  /** While the new release bakes. */
  readonly people?: PeopleProgress;
  /** While session cookies are read. */
  readonly cookie?: CookieProgress;
  /** The session gate is to try the new release on it before it is registered. */
  readonly sessionGate?: true;
}

/** How far a bake has looked at people. Times are milliseconds since the epoch. */
export interface PeopleProgress {
  /** From when on the new release has answered. */
  readonly sinceMs: number;
  readonly looks: number;
  /** Of the look that is under way: it runs on servers with the new release, the one that bakes first, and on those with the previous one. */
  readonly commandId?: string;
  readonly sentAtMs?: number;
  readonly fresh?: readonly string[];
  readonly old?: readonly string[];
}

/** How far session cookies have been read. No session's id is in it. */
export interface CookieProgress {
  /**
   * The server with the previous release, which is asked first: `commandId` until it has answered. The roll's own `commandId` is only for
   * commands on the server that is rolled, where a clean-up looks for it. Absent where only the new release's own cookie is read.
   */
  readonly other?: { readonly instanceId: string; readonly version: string; readonly commandId?: string };
  /** The previous release's. */
  readonly before?: SessionCookie;
}

/** What the wait for a server's sessions carries from one step to the next. Times are milliseconds since the epoch. */
export interface SessionsProgress {
  /** The application's cookie, and the server's own route in it. */
  readonly cookie: string;
  readonly route: string;
  /** How many it had at the last look; absent where that could not be read. */
  readonly count?: number;
  /** The last count that could be read. */
  readonly lastCount?: number;
  /** Why the last look has no count, or another of the server's answers. */
  readonly reason?: string;
  /** The load balancer's own check failed at the last look. */
  readonly balancerFailed?: true;
  /** What the record had when the wait began, of the server's earlier roll. */
  readonly cutOffBefore?: number;
  /** Since when slices of the wait have had no answer; absent while they have. */
  readonly silentSinceMs?: number;
  /** After this time without a request the server ends a session; absent where it does not report that. */
  readonly timeoutSeconds?: number;
  /** When the rule was seen to pin the server's sessions for the first time without a break. */
  readonly pinnedAtMs?: number;
  readonly release?: UnpinningProgress;
}

/** How far a pinned server's release from the drain rule has come. Times are milliseconds since the epoch; 0: not begun. */
export interface UnpinningProgress {
  /** Since when the release waits for it to be healthy in the main group again. */
  readonly waitingSinceMs: number;
  /** Since when it has been healthy there. */
  readonly healthySinceMs: number;
  /** Since when the rule takes no session. */
  readonly neutralSinceMs: number;
  /** Its address could not be registered in the main group yet. */
  readonly awaitsDelay?: true;
}

/** Checks before the first target that the drain rule would take exactly the fleet's requests. Throws when it would not. */
export interface CheckFrontRequest extends Held {
  readonly step: 'checkFront';
}

export type SessionsRequest =
  // the drain rule, both target groups, and DynamoDB
  | ({ readonly step: 'pin' | 'watch' | 'unpin'; readonly roll: Roll } & Held)
  | CheckFrontRequest
  /** A pinned server that has failed gets no more requests: before anything else of a clean-up, and while that waits for what still runs. */
  | ({ readonly step: 'releaseFailed' } & Held)
  | ({ readonly step: 'releaseFailedFor' } & Held & WatchedPins)
  /** After a failure: a pinned server that still serves goes back into the main group before its sessions are released. */
  | ({ readonly step: 'releasePinned'; readonly release: UnpinningProgress } & Held);

/** How long a clean-up checks pinned servers, and since when, in milliseconds since the epoch; 0: it has not begun. */
export interface WatchedPins {
  readonly seconds: number;
  readonly sinceMs: number;
}

/** Reply to releaseFailedFor; pass `sinceMs` back in. DONE: the time is over. */
export interface WatchedPinsReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  readonly sinceMs: number;
}

/** Reply to releasePinned; pass `release` back in. */
export interface UnpinningReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  readonly release: UnpinningProgress;
}

/** Reply to pin, watch and unpin. SKIP: the server has no sessions to wait for. REPEAT: look at the sessions again. */
export interface SessionsReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT' | 'SKIP'>;
  readonly roll: Roll;
}

export type TrafficRequest =
  // ELB target registration and DynamoDB
  | ({ readonly step: 'deregister' | 'register' | 'checkHealthy'; readonly roll: Roll } & Held)
  /** After a failure: registers the target if the release on it is fit to serve, else keeps or takes it out. */
  | ({ readonly step: 'putBack'; readonly roll: Roll; readonly error: TaskError } & Held);

/** Tries the release on the server by a session gate, through the load balancer. */
export interface SessionGateRequest extends Held {
  readonly step: 'sessionGate';
  readonly roll: Roll;
}

/** Events of a bundle that have a step of their own; those of the install are a part of it. */
export const HOOK_STEPS = ['BeforeBlockTraffic', 'BeforeAllowTraffic', 'AfterAllowTraffic'] as const;
export type HookStep = (typeof HOOK_STEPS)[number];

/** Run Command, target health and DynamoDB. */
export interface CommandRequest extends Held {
  readonly step:
    | 'prepare'
    | 'sendSessionLook'
    | 'checkSessionLook'
    | 'sendSessionSlice'
    | 'checkSessionSlice'
    | 'sendLook'
    | 'checkLook'
    | 'sendWaitIdle'
    | 'checkWaitIdle'
    | 'sendInstall'
    | 'checkInstall'
    | HookStep
    | 'sendReadiness'
    | 'checkReadiness'
    | 'readCookie'
    | 'sendBake'
    | 'bakeAgain'
    | 'checkBake';
  readonly roll: Roll;
}

/** Before the first target: whether the sessions of each server can be distinguished, and waited for in time. Needs Run Command too. */
export interface CheckRoutesRequest extends Held {
  readonly step: 'checkRoutes';
}

/** Before the first target, and after a deploy that did not succeed: which releases' assets are on the servers. Needs Run Command too. */
export interface StageAssetsRequest extends Held {
  readonly step: 'stageAssets';
  /** The deploy has ended: assets of a release that no server has any more are taken away. */
  readonly ends: boolean;
  /** The previous reply; empty at first. */
  readonly staging: Partial<Staging>;
}

/** Reply to stageAssets. Pass it back in. */
export interface Staging {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  /** Servers that are waited for: each stages one release after the other. */
  readonly servers: Readonly<Record<string, StagingServer>>;
}

/** The command that a server carries out, and the release's place in the list of wanted ones. */
export interface StagingServer {
  readonly index: number;
  readonly commandId: string;
  readonly sentAtMs: number;
}

/** Reply to checkRoutes and checkFront, which throw otherwise. */
export interface Checked {
  readonly verdict: VerdictOf<'DONE'>;
}

/**
 * Reply to each step on a target: the roll as it goes on, and the verdict for the Choice. Steps that send or register report WAIT (the check
 * that follows reports the result); deregister and putBack report DONE. Prepare sends at first and checks from then on; for a server that its
 * user data has prepared it reports DONE at once, and where the choice of the target knows that (`isPrepared`) it is not asked. The readiness
 * check begins to read session cookies where there are any, and its roll has whether the session gate follows.
 */
export interface RollReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT'>;
  readonly roll: Roll;
}
