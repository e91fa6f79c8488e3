/** Servers that copy their sessions to each other: before one leaves its users, another one holds each of its sessions. */
import { SessionsAlone } from '../../instance/errors.ts';
import type { InstanceCommands } from '../../instance/instance-commands.ts';
import { type CopiesSeen, readCopies, sendWatch } from '../../instance/steps/sessions.ts';
import type { Records } from '../../records/records.ts';
import type { Lease, TargetProgress } from '../../records/types.ts';
import { counted } from '../../shared/texts.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Roll, RollReply } from '../contract/roll.ts';
import { endsSessions } from '../sessions/judge-sessions.ts';
import type { RolledReleases } from '../target-phases.ts';
import { holdsSessions } from './session-looks.ts';

interface Ports {
  readonly records: Records;
  readonly commands: Pick<InstanceCommands, 'sendWaitIdle' | 'readWaitIdle'>;
  readonly now: () => number;
}
interface Request {
  readonly deploy: DeployContext;
  readonly lease: Lease;
  readonly roll: Roll;
}

/** Copies are made with each response: what takes longer does not come. */
export const LONGEST_COPYING_MS = 60_000;
const SLICE_SECONDS = 15;

/** Whether the release's servers copy their sessions, by its contract. */
export const copiesSessions = async (records: Ports['records'], fleet: string, version: string): Promise<boolean> =>
  (await records.getRelease(fleet, version))?.app.copies !== undefined;

/** A rollback takes a bad release from users, and a deploy that recovers a fleet repairs it: both go on after the wait. */
export const stopsAnyway = (deploy: DeployContext, { isRollback }: RolledReleases): boolean => endsSessions(deploy) || isRollback;

/**
 * Before the server leaves the load balancer: whether its sessions are held elsewhere. Asks at first and reads from then on. It is asked once
 * more right before the stop, since a member can end meanwhile.
 * @throws SessionsAlone after a minute, with the members and the reason; nothing was changed on the server
 */
export async function awaitCopies(
  ports: Ports,
  { deploy, lease, roll }: Request,
  releases: RolledReleases,
  target: TargetProgress | undefined,
): Promise<RollReply> {
  const { copiesSinceMs, ...rest } = roll;
  const send = async (sinceMs: number): Promise<RollReply> => {
    const slice = { ...lease, watch: 'copies', sliceSeconds: SLICE_SECONDS } as const;
    const commandId = await sendWatch(ports, roll.instanceId, slice, deploy.documents);
    return { verdict: 'WAIT', roll: { ...rest, commandId, copiesSinceMs: sinceMs } };
  };
  if (copiesSinceMs === undefined) {
    const isAsked = target !== undefined && holdsSessions(target) && !stopsAnyway(deploy, releases);
    return isAsked && (await copiesSessions(ports.records, deploy.fleet, releases.fromVersion))
      ? send(ports.now())
      : { verdict: 'DONE', roll };
  }
  const seen = await readCopies(ports, roll);
  if (!seen) return { verdict: 'WAIT', roll };
  if (seen.placeholder || seen.alone === 0) return { verdict: 'DONE', roll: { ...rest, commandId: undefined } };
  if (ports.now() - copiesSinceMs < LONGEST_COPYING_MS) return send(copiesSinceMs);
  throw new SessionsAlone(`${describeAlone(roll.instanceId, seen, `, after ${LONGEST_COPYING_MS / 1000} s`)}; nothing was changed on it`);
}

/**
 * `mi-1 has 3 sessions that no other server holds: 10.0.0.2:4000 is not reached`
 * @param since how long it was waited for, with a comma in front
 */
export function describeAlone(instanceId: string, { alone, reason }: CopiesSeen, since = ''): string {
  const what =
    alone === undefined
      ? 'does not say which of its sessions other servers hold'
      : `has ${counted(alone, 'session')} that no other server holds`;
  return `${instanceId} ${what}${since}${reason === undefined ? '' : `: ${reason}`}`;
}
