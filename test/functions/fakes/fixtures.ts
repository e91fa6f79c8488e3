import type { DeployContext } from '../../../functions/deploy/contract/common.ts';
import type { Roll } from '../../../functions/deploy/contract/roll.ts';
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';
import type { Records } from '../../../functions/records/records.ts';
import type { DeployRecord, Lease, ReleaseRecord, TargetProgress } from '../../../functions/records/types.ts';
import type { Log, LogEvent } from '../../../functions/shared/log-events.ts';
import type { MetricSink } from '../../../functions/shared/metrics.ts';

export const START_MS = Date.UTC(2026, 0, 5, 12);

export const SETTINGS: DeployContext['settings'] = { ...deploySettings.parse({}), drainTimeoutSeconds: 290, registerTimeoutSeconds: 360 };

export const DEPLOY: DeployContext = {
  deployId: 'd1',
  executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:deploy:d1',
  fleet: 'web',
  version: '2.0.0',
  startedAtMs: START_MS,
  requestedBy: 'ann',
  recover: false,
  settings: SETTINGS,
};

export const RELEASE: ReleaseRecord = {
  fleet: 'web',
  version: '2.0.0',
  sha256: 'ab'.repeat(32),
  sizeBytes: 1000,
  publishedAtMs: START_MS - 1000,
  publishedBy: 'ann',
  app: { start: ['node', 'server.mjs'], port: 8080, health: { loadBalancer: '/live', ready: '/health' } },
};

export const ROLL: Roll = {
  instanceId: 'i-1',
  quietSeconds: 25,
  phaseStartedAtMs: START_MS,
};

/** A clock that tests set: `clock.nowMs += 5_000`. */
export function createClock(nowMs = START_MS): { nowMs: number; readonly now: () => number } {
  const clock = { nowMs, now: () => clock.nowMs };
  return clock;
}

export const waitingSince = (phaseStartedAtMs: number): TargetProgress => ({
  phase: 'waiting',
  order: 0,
  fromVersion: '1.0.0',
  healthBefore: 'healthy',
  phaseStartedAtMs,
});

/** Takes the lock for {@link DEPLOY} and gives its lease, with one waiting target on record. */
export async function beginDeploy(
  records: Records,
  deploy: DeployContext = DEPLOY,
  targets: DeployRecord['targets'] = { 'i-1': waitingSince(deploy.startedAtMs) },
): Promise<Lease> {
  const { fleet, deployId, executionArn, requestedBy, version, startedAtMs, recover, keepsSessions } = deploy;
  const answer = await records.acquireLock({
    fleet,
    deployId,
    executionArn,
    requestedBy,
    version,
    nowMs: startedAtMs,
    expiresAtMs: startedAtMs + 720_000,
  });
  if (!answer.acquired) throw new Error('the lock was taken');
  await records.createDeploy({
    deployId,
    executionArn,
    fleet,
    from: '1.0.0',
    to: version,
    requestedBy,
    startedAtMs,
    status: 'RUNNING',
    fencingToken: answer.fencingToken,
    stage: 'planning',
    ...(recover && { recover }),
    ...(keepsSessions && { keepsSessions }),
    // What has targets is planned.
    ...(Object.keys(targets).length > 0 && { sha256: RELEASE.sha256 }),
    targets,
  });
  return { fencingToken: answer.fencingToken, expiresAtMs: answer.expiresAtMs };
}

/** Another deploy takes the lock once the lease of {@link DEPLOY} has expired. */
export async function stealLock(records: Records): Promise<void> {
  const nowMs = START_MS + 10_000_000;
  await records.acquireLock({
    fleet: 'web',
    deployId: 'thief',
    executionArn: 'arn:thief',
    requestedBy: 'bob',
    version: '3',
    nowMs,
    expiresAtMs: nowMs + 720_000,
  });
}

/** Remembers the events that were logged. */
export function recordingLog(): Log & { readonly events: LogEvent[] } {
  const events: LogEvent[] = [];
  return { events, info: (event) => events.push(event), warn: (event) => events.push(event) };
}

/** Remembers the metrics: `DeploySucceeded 1`. */
export function recordingMetrics(): MetricSink & { readonly written: string[] } {
  const written: string[] = [];
  return {
    written,
    count: (name, value = 1) => written.push(`${name} ${value}`),
    seconds: (name, value) => written.push(`${name} ${value}`),
  };
}
