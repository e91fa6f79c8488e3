/** Deploys as the page shows them. Texts are those of the CLI. */
import type { DeployCloud } from '../cli/deploy/deploy.ts';
import { drainedLine, sessionsLine, type TimelineEntry, timelineOf } from '../cli/deploy/deploy-history.ts';
import { inOrder, lookLines, targetWords } from '../cli/deploy/deploy-progress.ts';
import { nothingLeft } from '../cli/deploy/deploys.ts';
import { findDeploy } from '../cli/deploy/follow-deploy.ts';
import { CommandFailure } from '../cli/failure.ts';
import { lockLine } from '../cli/installation/status.ts';
import { deployStateMachineArnOf, type OpenCloud } from '../cli/open-stores.ts';
import { continuedWords, waitingOf, waitingState } from '../functions/deploy/pause/pause-text.ts';
import { isUntouched, outcomeText, releaseText } from '../functions/records/outcome-text.ts';
import { isNotRolledBack } from '../functions/records/touched-targets.ts';
import type { DeployRecord, TargetProgress } from '../functions/records/types.ts';
import { durationText } from '../functions/shared/texts.ts';
import { type ExecutionView, findExecution } from './find-execution.ts';

export interface DeployRow {
  readonly deployId: string;
  readonly from: string;
  readonly to: string;
  /** `1.0.0 → 1.1.0`, or what was restarted. */
  readonly release: string;
  readonly status: string;
  /** `FAILED, rolled back`; `RUNNING, settling` */
  readonly outcome: string;
  readonly requestedBy: string;
  readonly startedAtMs: number;
  readonly duration: string;
  /** What the operator should know, in sentences. */
  readonly warnings?: readonly string[];
  /** It failed, and a server that it touched does not have its previous release again. */
  readonly isLeftMixed: boolean;
}

export interface TargetView {
  readonly instanceId: string;
  /** `1.0.0 → 1.1.0`; of a server that the deploy did not touch the release that it has. */
  readonly release: string;
  /** `draining 12 s, in flight 3` */
  readonly words: string;
  readonly detail?: string;
  /** When the wait for its sessions ends at the latest. */
  readonly endsAtMs?: number;
  /** `waited for its sessions, none was cut off; drained by the kernel` */
  readonly drained?: string;
  readonly timeline: readonly TimelineEntry[];
}

export interface DeployView extends DeployRow {
  readonly error?: { readonly name: string; readonly message: string };
  /** The state of the fleet after a deploy that failed, and what to run next, in sentences. */
  readonly fleetState?: string;
  /** The servers that it left without their release were replaced since: there is nothing to resume. */
  readonly isOver: boolean;
  /** What it waits for, and when it rolls back without an answer; absent while it does not wait to be continued. */
  readonly waiting?: { readonly words: string; readonly untilMs: number };
  /** Who had it go on after its first servers. */
  readonly continued?: string;
  readonly isCleaningUp: boolean;
  readonly people?: string;
  readonly sessions?: string;
  /** End of the timelines: the deploy's end, or now. */
  readonly untilMs: number;
  readonly targets: readonly TargetView[];
}

export interface FleetView {
  readonly title: string;
  readonly fleet: string;
  readonly currentVersion: string | undefined;
  readonly lock: string;
  readonly releases: readonly {
    readonly version: string;
    readonly publishedAtMs: number;
    readonly publishedBy: string;
    readonly sizeBytes: number;
  }[];
  /** The one that is running, or else the last one. */
  readonly latest: DeployView | undefined;
  readonly deploys: readonly DeployRow[];
}

const MAX_DEPLOYS = 50;

/** @param count of deploys: each is read with its servers */
export async function readFleet(cloud: OpenCloud<'records'>, nowMs: number, count = MAX_DEPLOYS): Promise<FleetView> {
  const { records, fleet, title } = cloud;
  const [current, releases, lock, deploys] = await Promise.all([
    records.getFleet(fleet),
    records.listReleases(fleet),
    records.getLock(fleet),
    records.latestDeploys(fleet, count),
  ]);
  return {
    title,
    fleet,
    currentVersion: current?.currentVersion,
    lock: lockLine(lock, nowMs).replace(/^lock\s+/, ''),
    releases: releases.map(({ version, publishedAtMs, publishedBy, sizeBytes }) => ({ version, publishedAtMs, publishedBy, sizeBytes })),
    latest: deploys[0] && deployView(deploys[0], nowMs, await nothingLeft(cloud, deploys[0])),
    deploys: deploys.map((deploy) => rowOf(deploy, nowMs)),
  };
}

function rowOf(deploy: DeployRecord, nowMs: number): DeployRow {
  const { deployId, from, to, status, requestedBy, startedAtMs, finishedAtMs = nowMs, warnings } = deploy;
  return {
    deployId,
    from,
    to,
    release: releaseText(deploy),
    status,
    outcome: outcomeText(deploy),
    requestedBy,
    startedAtMs,
    duration: durationText(finishedAtMs - startedAtMs),
    ...(warnings?.length && { warnings }),
    isLeftMixed: isNotRolledBack(deploy),
  };
}

/** @throws CommandFailure NoSuchDeploy, AmbiguousDeploy */
export async function readDeploy(cloud: DeployCloud, id: string, nowMs: number): Promise<DeployView> {
  try {
    const deploy = await findDeploy(cloud, id);
    return deployView(deploy, nowMs, await nothingLeft(cloud, deploy));
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.code !== 'NoSuchDeploy') throw error;
    const execution = await findExecution(cloud, deployStateMachineArnOf(cloud), id, nowMs);
    if (!execution) throw error;
    return withoutRecord(id, execution);
  }
}

/** @param over why nothing is left to resume, which is in the place of the advice that the deploy gave at its end */
export function deployView(deploy: DeployRecord, nowMs: number, over?: string): DeployView {
  const untilMs = deploy.finishedAtMs ?? nowMs;
  const waiting = waitingOf(deploy);
  const continued = continuedWords(deploy);
  return {
    ...rowOf(deploy, nowMs),
    ...(over !== undefined && { isLeftMixed: false }),
    isOver: over !== undefined,
    ...(deploy.error && { error: { name: deploy.error.Error, message: deploy.error.Cause } }),
    ...(over !== undefined ? { fleetState: over } : deploy.outcome && { fleetState: deploy.outcome }),
    ...(waiting && { waiting: { words: waitingState(waiting), untilMs: waiting.untilMs } }),
    ...(continued !== undefined && { continued }),
    ...Object.fromEntries(lookLines(deploy)),
    isCleaningUp: deploy.status === 'RUNNING' && deploy.cleanUp !== undefined,
    untilMs,
    targets: inOrder(deploy).map(([instanceId, target]) => targetView(instanceId, target, deploy, nowMs)),
  };
}

function targetView(instanceId: string, target: TargetProgress, deploy: DeployRecord, nowMs: number): TargetView {
  const { status, finishedAtMs: untilMs = nowMs } = deploy;
  // The view shows it as a length of time.
  const { sessionDrainEndsAtMs: _, ...withoutDeadline } = target;
  const drained = [sessionsLine(target), drainedLine(target)].filter((line) => line !== undefined).join('; ');
  return {
    instanceId,
    release: isUntouched(target, status) ? target.fromVersion : `${target.fromVersion} → ${deploy.to}`,
    words: targetWords(withoutDeadline, deploy, nowMs),
    ...(target.phase === 'sessionDrain' && target.sessionDrainEndsAtMs !== undefined && { endsAtMs: target.sessionDrainEndsAtMs }),
    ...(target.detail && { detail: target.detail }),
    ...(drained && { drained }),
    timeline: isUntouched(target, status) ? [] : timelineOf(target, untilMs),
  };
}

function withoutRecord(deployId: string, { status, input, ...execution }: ExecutionView): DeployView {
  return {
    ...execution,
    deployId,
    from: '…',
    to: input.version ?? '…',
    release: `… → ${input.version ?? '…'}`,
    status,
    outcome: status === 'RUNNING' ? 'RUNNING, starting' : 'refused: nothing was changed',
    isCleaningUp: false,
    isLeftMixed: false,
    isOver: false,
    targets: [],
  };
}
