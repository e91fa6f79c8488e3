import { DeployInProgress, InvalidInput } from '../deploy/errors.ts';
import { explainIssues, resolveSettings } from '../deploy/settings/read-settings.ts';
import { LOG_EVENTS } from '../shared/log-events.ts';
import type { Member } from './choose-next.ts';
import { type Begun, type RefreshPlan, type RefreshRequest, refreshInput } from './contract.ts';
import { LaunchesSuspended } from './errors.ts';
import { type Reading, type RefreshPorts, readMembers } from './ports.ts';
import { describeTemplate, launchedFrom } from './why-outdated.ts';

/** Processes without which no server comes in place of one that goes, or without which it receives no requests. */
const NEEDED_PROCESSES = ['Launch', 'AddToLoadBalancer'];

/**
 * Takes the fleet's lock and records the plan; without anything to replace, or for a dry run, it changes nothing.
 * @throws InvalidInput, DeployInProgress, LaunchesSuspended, NoLaunchTemplate
 */
export async function begin(ports: RefreshPorts, request: RefreshRequest & { readonly step: 'begin' }): Promise<Begun> {
  const { records, fleet, log, now } = ports;
  const { executionName: refreshId, executionArn } = request;
  const parsed = refreshInput.safeParse(request.input);
  if (!parsed.success) throw new InvalidInput(`the refresh's input is not valid: ${explainIssues(parsed.error.issues)}`);
  const { all = false, dryRun = false, requestedBy = 'unknown' } = parsed.data;
  const settings = resolveSettings(ports.settings, fleet);
  const reading = await readMembers(ports);
  const plan = planOf(reading, all);
  if (dryRun || plan.toReplace.length === 0) return { verdict: 'SKIP', plan };
  const suspended = NEEDED_PROCESSES.filter((process) => reading.suspendedProcesses.includes(process));
  if (suspended.length > 0) {
    throw new LaunchesSuspended(
      `the Auto Scaling process ${suspended.join(' and ')} is suspended, so that no server would come in place of one that goes; nothing was changed. Resume it, then refresh again`,
    );
  }
  const documents = await ports.commands.latestVersions();
  const nowMs = now();
  const version = describeTemplate(reading.current.launchTemplate);
  const expiresAtMs = nowMs + settings.leaseSeconds * 1000;
  const lock = await records.acquireLock({
    fleet,
    deployId: refreshId,
    executionArn,
    requestedBy,
    version,
    nowMs,
    expiresAtMs,
    heldBy: 'refresh',
  });
  if (!lock.acquired) throw new DeployInProgress(fleet, lock.holder);
  const byId = new Map(reading.members.map((member) => [member.instanceId, member]));
  const servers = plan.toReplace.map(({ instanceId, why }) => {
    const waiting = { phase: 'waiting', phaseStartedAtMs: nowMs, why, ...launchedFrom(byId.get(instanceId) as Member) } as const;
    return [instanceId, waiting] as const;
  });
  await records.createRefresh(fleet, {
    refreshId,
    executionArn,
    requestedBy,
    startedAtMs: Date.parse(request.startTime),
    status: 'RUNNING',
    to: plan.current,
    servers: Object.fromEntries(servers),
  });
  log.info(LOG_EVENTS.refreshStarted, { refreshId, servers: servers.length, fencingToken: lock.fencingToken });
  const lease = { fencingToken: lock.fencingToken, expiresAtMs };
  return { verdict: 'DONE', plan, refresh: { refreshId, fleet, settings, documents }, lease };
}

/** What a refresh would replace now. */
export function planOf({ members, current }: Reading, all: boolean): RefreshPlan {
  const toReplace = members.flatMap((member) => {
    const why = member.why ?? (all ? 'every server is replaced' : undefined);
    return member.lifecycleState === 'InService' && why !== undefined
      ? [{ instanceId: member.instanceId, why, ...launchedFrom(member) }]
      : [];
  });
  return { members: members.length, current: launchedFrom(current), toReplace };
}
