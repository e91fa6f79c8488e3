import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import { NO_RELEASE } from '../../../functions/shared/version.ts';
import { EPOCH_MS } from '../kernel/kernel.ts';
import { judgePeopleRules } from './people.ts';
import type { PredicateId, Violation } from './predicate.ts';
import type { View } from './view.ts';

const ENDED: ReadonlySet<string> = new Set(['done', 'failed', 'skipped', 'rolledBack', 'waiting']);
/** Faults of a server that a run has seen at all: what is wrong with it afterwards is not the engine's. */
const EVER = Number.POSITIVE_INFINITY;

/** What holds once everything has healed and had its time: F1 to F7. */
export function judgeFinalState(view: View): Violation[] {
  const found: Violation[] = [];
  const broken = (predicate: PredicateId, text: string) => found.push({ predicate, atMs: view.now() - EPOCH_MS, text });
  for (const { machine, executionArn } of view.runningExecutions()) broken('F1', `${machine} still runs: ${executionArn}`);
  const lock = view.lock();
  if (lock?.deployId !== undefined && (lock.expiresAtMs ?? 0) > view.now()) broken('F2', `deploy ${lock.deployId} still holds the lock`);
  if (lock?.openDeploys?.size) broken('F2', `open deploys: ${[...lock.openDeploys].join(', ')}`);
  const [suspended, others] = [view.suspended(), view.suspendedByOthers()].map((all) => [...all].sort().join(', '));
  if (suspended !== others) broken('F3', `suspended are ${suspended || 'none'}, and should be ${others || 'none'}`);
  if (lock?.suspension) broken('F3', `the suspension of deploy ${lock.suspension.deployId} is still on record`);
  for (const { commandId, documentName } of view.pendingCommands()) broken('F4', `command ${commandId} of ${documentName} is pending`);
  const { pattern, instanceIds } = view.pinned();
  if (pattern !== undefined) broken('F5', `the drain rule takes ${pattern}`);
  if (instanceIds.length > 0) broken('F5', `in the drain group: ${instanceIds.join(', ')}`);
  for (const deploy of view.deploys()) for (const text of untrueOf(view, deploy)) broken('F6', `deploy ${deploy.deployId}: ${text}`);
  for (const text of untrueInstances(view)) broken('F7', text);
  judgePeopleRules(view, broken);
  return found;
}

/** What the record of a deploy states and is not so. A later deploy has changed what an earlier one states. */
function untrueOf(view: View, deploy: DeployRecord): string[] {
  const { status, to, targets, rolledBack, deployId, restart, restartAll, startedAtMs } = deploy;
  if (status === 'RUNNING') return ['its record says that it runs'];
  const found = Object.entries(targets).flatMap(([instanceId, { phase }]) =>
    ENDED.has(phase) ? [] : [`${instanceId} is ${phase} for ever`],
  );
  const others = Object.keys(targets).filter((instanceId) => instanceId !== restart);
  if (restart !== undefined && others.length > 0) found.push(`it restarts ${restart}, and its record has ${others.join(', ')}`);
  if (restart !== undefined && view.fleetRecord()?.deployId === deployId) found.push('it is a restart, and moved the current version');
  if (view.deploys().at(-1)?.deployId !== deployId) return found;
  const current = view.fleetRecord();
  if (status === 'SUCCEEDED' && current?.currentVersion !== to)
    found.push(`it succeeded, and the current version is ${current?.currentVersion}`);
  if (rolledBack && current?.deployId === deployId) found.push(`it was rolled back, and the current version is ${to}`);
  found.push(...untrueWords(view, deploy.outcome ?? ''));
  if (status !== 'SUCCEEDED' && deploy.error === undefined) found.push('it failed without an error');
  if (status !== 'SUCCEEDED' && deploy.outcome === undefined) found.push('it failed without a word on the fleet');
  const touched = Object.entries(targets).filter(([instanceId, target]) => isTouched(target) && judged(view, instanceId));
  for (const [instanceId, target] of touched) {
    const installed = view.installed(instanceId);
    const expected = rolledBack ? (target.rollingBackTo ?? target.fromVersion) : expectedOn(target, to);
    if (expected !== undefined && installed !== expected)
      found.push(`${instanceId} has release ${installed}; by the record it has ${expected} (${target.phase})`);
    if (rolledBack && !hasHad(view, to) && view.staged(instanceId).includes(to))
      found.push(`rolled back, and ${instanceId} keeps assets of ${to}`);
    if (rolledBack && target.healthBefore === 'healthy' && view.healthOf(instanceId) !== 'healthy') {
      found.push(`rolled back, and ${instanceId} is ${view.healthOf(instanceId)}`);
    }
  }
  const installedAt = new Map(view.instanceRecords().map((instance) => [instance.instanceId, instance.installedAtMs]));
  if (status === 'SUCCEEDED') {
    for (const { instanceId, lifecycleState } of view.members()) {
      if (lifecycleState !== 'InService' || !judged(view, instanceId) || (restart !== undefined && instanceId !== restart)) continue;
      const target = targets[instanceId];
      if (target?.newcomer && target.phase !== 'done') continue;
      if (view.installed(instanceId) !== to) found.push(`it succeeded, and ${instanceId} has release ${view.installed(instanceId)}`);
      else if (view.healthOf(instanceId) !== 'healthy') found.push(`it succeeded, and ${instanceId} is ${view.healthOf(instanceId)}`);
      if (restartAll && (installedAt.get(instanceId) ?? 0) < startedAtMs) found.push(`it restarted all servers, and not ${instanceId}`);
    }
  }
  return found;
}

/** What the sentence for the operator says of a server: `i-… serves 2.0.0`, `i-… has release 1.0.0 again`, `i-… kept the placeholder`. */
const WORDS = /(i-[0-9a-f]+) (?:serves|has|kept) (?:release )?(the placeholder|\d[^\s.;]*(?:\.\d+)*)/g;

function untrueWords(view: View, outcome: string): string[] {
  return [...outcome.matchAll(WORDS)].flatMap(([words, instanceId = '', what = '']) => {
    const stated = what === 'the placeholder' ? NO_RELEASE : what;
    const installed = view.installed(instanceId);
    return !judged(view, instanceId) || installed === stated ? [] : [`the outcome says that ${words}, and it has ${installed}`];
  });
}

/** Pages of a release that was the fleet's can be open. */
const hasHad = (view: View, version: string): boolean =>
  view.deploys().some(({ to, from, status }) => from === version || (to === version && status === 'SUCCEEDED'));

const isTouched = ({ startedAtMs, phase }: TargetProgress): boolean => startedAtMs !== undefined && phase !== 'skipped';

/** A server that a fault has met can be anything. */
const judged = (view: View, instanceId: string): boolean =>
  view.members().some((member) => member.instanceId === instanceId) && !view.faultOnServer(EVER, instanceId);

/** Undefined where the record does not say. */
function expectedOn({ phase, rollingBackTo }: TargetProgress, to: string): string | undefined {
  if (phase === 'done') return to;
  return phase === 'rolledBack' ? rollingBackTo : undefined;
}

/** Records of instances that are not so, unless the deploy says that it does not know. */
function untrueInstances(view: View): string[] {
  const unknown = (instanceId: string) => view.deploys().at(-1)?.targets[instanceId]?.phase === 'failed';
  const recorded = new Map(view.instanceRecords().map(({ instanceId, version }) => [instanceId, version]));
  return view.members().flatMap(({ instanceId, lifecycleState }) => {
    if (lifecycleState !== 'InService' || !judged(view, instanceId) || unknown(instanceId)) return [];
    const installed = view.installed(instanceId);
    const onRecord = recorded.get(instanceId) ?? (installed === 'none' ? 'none' : undefined);
    if (onRecord !== installed) return [`${instanceId} has release ${installed}, and its record names ${onRecord ?? 'none'}`];
    const health = view.healthOf(instanceId);
    return health === 'healthy' ? [] : [`${instanceId} is ${health}, and no deploy reports it`];
  });
}
