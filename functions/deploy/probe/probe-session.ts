import type { SessionProbed } from '../../instance/document-contract.ts';
import { CommandFailed } from '../../instance/errors.ts';
import type { InstanceCommands } from '../../instance/instance-commands.ts';
import { readProbe, sendProbe } from '../../instance/steps/probe.ts';
import type { Records } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import type { ProbeProgress, Roll, RollReply } from '../contract/roll.ts';
import { SessionsIncompatible } from '../errors.ts';
import { endsSessions } from '../sessions/judge-sessions.ts';
import type { RolledReleases } from '../target-phases.ts';
import {
  compareCookies,
  hasDone,
  isPartnerStill,
  judgeProbe,
  judgeRoute,
  NAMES_NO_PAGES,
  PROBE_STAGES,
  type ProbedContract,
  planProbe,
  routeQuestion,
  uncheckedRoute,
  uncheckedSentence,
} from './decide-probe.ts';

export interface ProbePorts {
  readonly records: Records;
  readonly commands: Pick<InstanceCommands, 'sendObserve' | 'readObserve'>;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  readonly now: () => number;
  /** ARN of the fleet's secret for it; undefined without one. */
  readonly probeSecret?: string | undefined;
  /** Deploys of the fleet keep sessions in a server's memory on it until they end. */
  readonly drainsSessions?: boolean;
}

interface OfRoll {
  readonly deploy: DeployContext;
  readonly roll: Roll;
}

/**
 * Begins the session probe, after the readiness check and before the first target is registered: the new release reads what the previous
 * one wrote, and the previous one what the new one wrote, each on its server's localhost. The cookies of both are compared as well.
 * @returns the roll with the probe that has begun, or without one where there is nothing to try
 */
export async function beginProbe(ports: ProbePorts, of: OfRoll, { isRollback }: RolledReleases): Promise<Roll> {
  const { deploy, roll } = of;
  if (isRollback || deploy.restart !== undefined || deploy.version === NO_RELEASE) return done(roll).roll;
  return (await begin(ports, of)).roll;
}

/**
 * Reads what the probe that has begun asked last, and asks what is next.
 * @throws SessionsIncompatible before any user meets the release: it reads no other's sessions, or no later deploy could keep its own
 */
export async function probeSession(ports: ProbePorts, { deploy, roll }: OfRoll): Promise<RollReply> {
  if (!roll.probe) return done(roll);
  const { probe } = roll;
  const { other, otherVersion } = probe;
  if (other !== undefined) {
    const target = (await ports.records.getDeploy(deploy.fleet, deploy.deployId))?.targets[other];
    if (!isPartnerStill(target, otherVersion)) return failWithoutPartner(ports, { deploy, roll }, probe);
  }
  const onOther = isOnOther(probe) && other !== undefined;
  const server = onOther ? { instanceId: other, commandId: probe.otherCommandId } : {};
  let seen: SessionProbed | undefined;
  try {
    seen = await readProbe(ports, { ...roll, ...server }, onOther && otherVersion !== undefined ? otherVersion : deploy.version);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    seen = { reason: 'the command on its server failed' };
  }
  if (!seen) return { verdict: 'WAIT', roll };
  return other === undefined ? judgeOwnCookie(ports, { deploy, roll }, seen) : goOn(ports, { deploy, roll }, probe, seen);
}

/** Nobody has met the release yet: what it does to users would show with the next deploy. */
async function judgeOwnCookie(ports: ProbePorts, { deploy, roll }: OfRoll, seen: SessionProbed): Promise<RollReply> {
  const judged = judgeRoute(deploy.version, seen);
  if (judged.verdict === 'unrouted' && !endsSessions(deploy)) throw new SessionsIncompatible(judged.why);
  if (judged.verdict !== 'routed') await addWarnings(ports.records, deploy, [judged.why]);
  return done(roll);
}

const isOnOther = ({ stage }: ProbeProgress): boolean => stage.startsWith('previous');

/** Its roll has begun, or its record is gone: what it answers may be another release's. */
async function failWithoutPartner(
  ports: ProbePorts,
  { deploy, roll }: OfRoll,
  { other, otherVersion, reads }: ProbeProgress,
): Promise<RollReply> {
  const why = `server ${other} no longer waits with release ${otherVersion}`;
  if (reads) await addWarnings(ports.records, deploy, [uncheckedSentence(deploy.version, why)]);
  return done(roll);
}

const done = ({ probe: _, ...roll }: Roll): RollReply => ({ verdict: 'DONE', roll: { ...roll, commandId: undefined } });

async function begin(ports: ProbePorts, { deploy, roll }: OfRoll): Promise<RollReply> {
  const { fleet, deployId, version } = deploy;
  const [own, record, health] = await Promise.all([
    ports.records.getRelease(fleet, version),
    ports.records.getDeploy(fleet, deployId),
    ports.targetGroup.describeHealth(),
  ]);
  const targets: DeployRecord['targets'] = record?.targets ?? {};
  const question = own && ports.drainsSessions && !hasDone(targets) ? routeQuestion(own.app) : undefined;
  if (question === 'ask') return ask(ports, { deploy, roll }, { reads: false, stage: 'newWrites' });
  if (question === 'unknown') await addWarnings(ports.records, deploy, [uncheckedRoute(version, NAMES_NO_PAGES)]);
  if (own?.app.session?.probe === undefined && own?.app.session?.page === undefined) return done(roll);
  const versions = [...new Set(Object.values(targets).map(({ fromVersion }) => fromVersion))];
  const releases = await Promise.all(versions.map((one) => ports.records.getRelease(fleet, one)));
  const contracts = new Map<string, ProbedContract>([[version, own.app]]);
  for (const release of releases) if (release) contracts.set(release.version, release.app);
  const plan = planProbe({
    ...{ instanceId: roll.instanceId, version, contracts, targets },
    healthy: new Set(health.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId)),
    hasSecret: ports.probeSecret !== undefined,
  });
  if (plan?.unchecked !== undefined) await addWarnings(ports.records, deploy, [uncheckedSentence(version, plan.unchecked)]);
  if (plan?.other === undefined) return done(roll);
  const { other, otherVersion = UNKNOWN_RELEASE, reads } = plan;
  return ask(ports, { deploy, roll }, { other, otherVersion, reads, stage: PROBE_STAGES[0] });
}

/** Sends what a stage asks, to the server that it is about. */
async function ask(ports: ProbePorts, { deploy, roll }: OfRoll, { otherCommandId: _, ...probe }: ProbeProgress): Promise<RollReply> {
  const { stage, other, reads } = probe;
  const sealed = stage === 'newReads' ? probe.previousSealed : stage === 'previousReads' ? probe.newSealed : undefined;
  const onOther = isOnOther(probe);
  const instanceId = onOther && other !== undefined ? other : roll.instanceId;
  const commandId = await sendProbe(ports, instanceId, { probeSecret: reads ? ports.probeSecret : undefined, sealed }, deploy.documents);
  const sent = { ...roll, commandSentAtMs: ports.now() };
  return {
    verdict: 'WAIT',
    roll: onOther ? { ...sent, commandId: undefined, probe: { ...probe, otherCommandId: commandId } } : { ...sent, commandId, probe },
  };
}

async function goOn(ports: ProbePorts, { deploy, roll }: OfRoll, probe: ProbeProgress, seen: SessionProbed): Promise<RollReply> {
  const { version } = deploy;
  const { stage, otherVersion = UNKNOWN_RELEASE, reads } = probe;
  const judged = judgeProbe(stage, seen, { version, otherVersion, reads });
  if (judged.verdict === 'incompatible') throw new SessionsIncompatible(judged.why);
  if (judged.verdict === 'unchecked') {
    if (reads) await addWarnings(ports.records, deploy, [uncheckedSentence(version, judged.why)]);
    return done(roll);
  }
  const { cookie, sealed } = seen;
  const known: ProbeProgress = {
    ...probe,
    ...(stage === 'previousWrites' && {
      ...(cookie && { previousCookie: cookie }),
      ...(sealed !== undefined && { previousSealed: sealed }),
    }),
    ...(stage === 'newWrites' && sealed !== undefined && { newSealed: sealed }),
  };
  if (stage === 'newWrites') await addWarnings(ports.records, deploy, compareCookies(version, known.previousCookie, cookie, seen.reason));
  const next = PROBE_STAGES[PROBE_STAGES.indexOf(stage) + 1];
  const isLast = next === undefined || (!reads && stage === 'newWrites');
  return isLast ? done(roll) : ask(ports, { deploy, roll }, { ...known, stage: next });
}
