/** The steps on one server: out of the load balancer, idle, gone, and another one in its place. */
import { recallRegistrations } from '../deploy/traffic/still-enough.ts';
import { checkDrain, drainedTarget, sendDrain } from '../instance/steps/drain.ts';
import { LOOK, readWatch, sendWatch } from '../instance/steps/sessions.ts';
import type { RefreshPhase } from '../records/refresh-records.ts';
import { healthOf } from '../shared/aws/target-group.ts';
import { chooseNext } from './choose-next.ts';
import type { NextReply, RefreshContext, RefreshRequest, ServerRefresh, ServerReply } from './contract.ts';
import { judgeReplacement, replacementTimeoutSeconds } from './judge-replacement.ts';
import { holdLock, type RefreshPorts, readMembers } from './ports.ts';
import { launchedFrom } from './why-outdated.ts';

/** @throws TooFewHealthyTargets, ReplacementFailed, LeaseLost */
export async function nextServer(ports: RefreshPorts, request: RefreshRequest & { readonly step: 'next' }): Promise<NextReply> {
  const { refresh, lease, waitingSinceMs } = request;
  const { records, now } = ports;
  await holdLock(ports, refresh, lease);
  const [{ members }, record] = await Promise.all([readMembers(ports), records.getRefresh(refresh.fleet)]);
  const planned = record?.servers ?? {};
  const nowMs = now();
  const next = chooseNext(
    // With `--all` a server is replaced because it was planned, even if it is current; one that joined since is replaced only if it is
    // outdated.
    members.map((member) => ({ ...member, why: member.why ?? planned[member.instanceId]?.why })),
    {
      ...refresh.settings,
      taken: new Set(Object.keys(planned).filter((instanceId) => planned[instanceId]?.phase !== 'waiting')),
      waitingSinceMs,
      nowMs,
    },
  );
  if (next.verdict !== 'ROLL') return { waitingSinceMs: 0, ...next };
  const { instanceId, why = '' } = next.member;
  // Read before the server is taken out: afterwards a failed health check can make the group launch its replacement early, which must count
  // as new.
  const known = members.map((member) => member.instanceId);
  const server = { instanceId, why, launchedFrom: launchedFrom(next.member), phaseStartedAtMs: nowMs, known };
  return { verdict: 'ROLL', waitingSinceMs: 0, server };
}

type OnServer = Extract<RefreshRequest, { readonly server: ServerRefresh }>;

/** @throws DrainTimedOut, CommandFailed, ReplacementFailed, LeaseLost */
export async function stepOnServer(ports: RefreshPorts, request: OnServer): Promise<ServerReply> {
  await holdLock(ports, request.refresh, request.lease);
  switch (request.step) {
    case 'sendLook': {
      const { refresh, server, lease } = request;
      const commandId = await sendWatch(ports, server.instanceId, { ...lease, ...LOOK }, refresh.documents);
      return { verdict: 'WAIT', server: { ...server, commandId, commandSentAtMs: ports.now() } };
    }
    case 'checkLook':
      return { verdict: (await readWatch(ports, request.server)) ? 'DONE' : 'WAIT', server: request.server };
    case 'deregister':
      return deregister(ports, request);
    case 'sendDrain': {
      const { refresh, server, lease } = request;
      const commandId = await sendDrain(ports, server, refresh.settings, lease.fencingToken, refresh.documents);
      return { verdict: 'WAIT', server: { ...server, commandId, commandSentAtMs: ports.now() } };
    }
    case 'checkDrain': {
      const { refresh, server } = request;
      const { verdict, progress } = await checkDrain(ports, server, refresh.settings);
      return { verdict, server: { ...server, ...(progress && { drain: progress }) } };
    }
    case 'terminate':
      return terminate(ports, request);
    case 'checkReplaced':
      return checkReplaced(ports, request);
  }
}

/** How it is registered is on record first: an end of the refresh before the server has gone registers it again exactly so. */
async function deregister(ports: RefreshPorts, { refresh, server }: OnServer): Promise<ServerReply> {
  const { records, targetGroup } = ports;
  const { fleet, refreshId } = refresh;
  const { instanceId } = server;
  const [recorded, health, protocolVersion] = await Promise.all([
    records.getRegistrations(fleet, instanceId),
    targetGroup.describeHealth(),
    targetGroup.describeProtocolVersion(),
  ]);
  const registrations = recallRegistrations(refreshId, recorded, healthOf(instanceId, health).registrations ?? []);
  if (registrations.length > 0) await records.putRegistrations(fleet, instanceId, { deployId: refreshId, registrations });
  const draining = await enter(ports, refresh, server, 'draining');
  await targetGroup.deregister(instanceId, registrations);
  // If the step is delivered twice, the drain's clock starts with the first delivery.
  const target = drainedTarget(registrations, protocolVersion, draining.phaseStartedAtMs);
  return { verdict: 'DONE', server: { ...draining, drain: { quietSeconds: 0, target } } };
}

/** The server is idle, or has only what the settings let its drain cut, and is out of the load balancer, so that nothing is lost whatever Auto Scaling does first. */
async function terminate(ports: RefreshPorts, { refresh, server }: OnServer): Promise<ServerReply> {
  const cut = server.drain?.cut;
  const drained = typeof cut === 'number' ? { ...server, requestsCut: cut } : server;
  const replacing = await enter(ports, refresh, drained, 'replacing');
  await ports.group.replace(server.instanceId);
  return { verdict: 'DONE', server: { ...replacing, newcomers: [], commandId: undefined, drain: undefined } };
}

async function checkReplaced(ports: RefreshPorts, { refresh, server }: OnServer): Promise<ServerReply> {
  const { members, desiredCapacity } = await readMembers(ports);
  const { instanceId, phaseStartedAtMs: startedAtMs, known, newcomers: seen = [] } = server;
  const timeoutSeconds = replacementTimeoutSeconds(refresh.settings);
  const facts = { instanceId, known, newcomers: seen, members, desiredCapacity, startedAtMs, nowMs: ports.now(), timeoutSeconds };
  const { verdict, newcomers, replacement } = judgeReplacement(facts);
  if (verdict === 'WAIT') return { verdict, server: { ...server, newcomers } };
  await enter(ports, refresh, server, 'replaced', replacement && { instanceId: replacement.instanceId, ...launchedFrom(replacement) });
  return { verdict, server };
}

async function enter(
  { records, now }: RefreshPorts,
  { fleet, refreshId }: RefreshContext,
  server: ServerRefresh,
  phase: RefreshPhase,
  replacement?: { readonly instanceId: string },
): Promise<ServerRefresh> {
  const phaseStartedAtMs = now();
  const { instanceId, why, requestsCut } = server;
  const more = { ...(replacement && { replacement }), ...(requestsCut !== undefined && { requestsCut }) };
  const progress = { phase, phaseStartedAtMs, why, ...server.launchedFrom, ...more };
  await records.putServer(fleet, refreshId, instanceId, progress);
  return { ...server, phaseStartedAtMs };
}
