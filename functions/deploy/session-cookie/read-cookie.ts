import type { CookieRead } from '../../instance/document-contract.ts';
import { CommandFailed } from '../../instance/errors.ts';
import type { InstanceCommands } from '../../instance/instance-commands.ts';
import { checkCookie, sendCookie } from '../../instance/steps/session-cookie.ts';
import type { Records } from '../../records/records.ts';
import type { TargetGroup } from '../../shared/aws/target-group.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import type { CookieProgress, Roll, RollReply } from '../contract/roll.ts';
import { SessionsIncompatible } from '../errors.ts';
import { endsSessions } from '../sessions/judge-sessions.ts';
import type { RolledReleases } from '../target-phases.ts';
import {
  type CookieContract,
  choosePartner,
  compareCookies,
  hasDone,
  isPartnerStill,
  judgeRoute,
  NAMES_NO_PAGES,
  routeQuestion,
  uncheckedRoute,
} from './judge-cookie.ts';

export interface CookiePorts {
  readonly records: Records;
  readonly commands: Pick<InstanceCommands, 'sendObserve' | 'readObserve'>;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  readonly now: () => number;
  /** Deploys of the fleet keep sessions in a server's memory on it until they end. */
  readonly drainsSessions?: boolean;
}

interface OfRoll {
  readonly deploy: DeployContext;
  readonly roll: Roll;
}

/**
 * Begins to read session cookies, after the readiness check and before the first target is registered: that of the previous release on a
 * server that has it, and the new release's on its own; where deploys keep sessions on their server, the new release's alone.
 * @returns the roll with what has begun, or without it where there is nothing to read
 */
export async function beginCookie(ports: CookiePorts, { deploy, roll }: OfRoll, { isRollback }: RolledReleases): Promise<Roll> {
  const { fleet, deployId, version } = deploy;
  const none = done(roll).roll;
  if (isRollback || deploy.restart !== undefined || version === NO_RELEASE) return none;
  const [own, record, health] = await Promise.all([
    ports.records.getRelease(fleet, version),
    ports.records.getDeploy(fleet, deployId),
    ports.targetGroup.describeHealth(),
  ]);
  const targets = record?.targets ?? {};
  const question = own && ports.drainsSessions && !hasDone(targets) ? routeQuestion(own.app) : undefined;
  if (question === 'ask') return askOwn(ports, { deploy, roll }, {});
  if (question === 'unknown') await addWarnings(ports.records, deploy, [uncheckedRoute(version, NAMES_NO_PAGES)]);
  if (own?.app.session?.page === undefined) return none;
  const versions = [...new Set(Object.values(targets).map(({ fromVersion }) => fromVersion))];
  const releases = await Promise.all(versions.map((one) => ports.records.getRelease(fleet, one)));
  const contracts = new Map<string, CookieContract>([[version, own.app]]);
  for (const release of releases) if (release) contracts.set(release.version, release.app);
  const healthy = new Set(health.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId));
  const other = choosePartner({ instanceId: roll.instanceId, version, contracts, targets, healthy });
  if (other === undefined) return none;
  const commandId = await sendCookie(ports, other.instanceId, deploy.documents);
  return { ...none, commandSentAtMs: ports.now(), cookie: { other: { ...other, commandId } } };
}

async function askOwn(ports: CookiePorts, { deploy, roll }: OfRoll, cookie: CookieProgress): Promise<Roll> {
  const commandId = await sendCookie(ports, roll.instanceId, deploy.documents);
  return { ...roll, commandSentAtMs: ports.now(), commandId, cookie };
}

/**
 * Reads the cookie that was asked for last, and asks for the next one.
 * @throws SessionsIncompatible before any user meets the release: no later deploy could keep its sessions
 */
export async function readCookie(ports: CookiePorts, { deploy, roll }: OfRoll): Promise<RollReply> {
  if (!roll.cookie) return done(roll);
  const { other, before } = roll.cookie;
  if (other !== undefined) {
    const target = (await ports.records.getDeploy(deploy.fleet, deploy.deployId))?.targets[other.instanceId];
    // Its roll has begun, or its record is gone: what it answers may be another release's.
    if (!isPartnerStill(target, other.version)) return done(roll);
  }
  const asked = other?.commandId === undefined ? { ...roll, version: deploy.version } : { ...roll, ...other };
  let seen: CookieRead | undefined;
  try {
    seen = await checkCookie(ports, asked, asked.version);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    seen = { reason: 'the command on its server failed' };
  }
  if (!seen) return { verdict: 'WAIT', roll };
  if (other === undefined) return judgeOwnCookie(ports, { deploy, roll }, seen);
  if (other.commandId === undefined) {
    await addWarnings(ports.records, deploy, compareCookies(deploy.version, before, seen.cookie, seen.reason));
    return done(roll);
  }
  const { commandId: _, ...partner } = other;
  return seen.cookie === undefined
    ? done(roll)
    : { verdict: 'WAIT', roll: await askOwn(ports, { deploy, roll }, { other: partner, before: seen.cookie }) };
}

/** Nobody has met the release yet: what it does to users would show with the next deploy. */
async function judgeOwnCookie(ports: CookiePorts, { deploy, roll }: OfRoll, seen: CookieRead): Promise<RollReply> {
  const judged = judgeRoute(deploy.version, seen);
  if (judged.verdict === 'unrouted' && !endsSessions(deploy)) throw new SessionsIncompatible(judged.why);
  if (judged.verdict !== 'routed') await addWarnings(ports.records, deploy, [judged.why]);
  return done(roll);
}

const done = ({ cookie: _, ...roll }: Roll): RollReply => ({ verdict: 'DONE', roll: { ...roll, commandId: undefined } });
