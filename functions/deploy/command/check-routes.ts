import { CommandFailed } from '../../instance/errors.ts';
import type { InstanceCommands } from '../../instance/instance-commands.ts';
import { readSessions, type SessionsSeen, sendWatch } from '../../instance/steps/sessions.ts';
import { holdLease } from '../../records/lease.ts';
import type { Records } from '../../records/records.ts';
import type { TargetProgress } from '../../records/types.ts';
import { endAt } from '../../shared/end-at.ts';
import { UNKNOWN_RELEASE } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import type { Checked, CheckRoutesRequest } from '../contract/roll.ts';
import { SessionsNotDrainable } from '../errors.ts';
import { judgeRoutes, namelessCookie, type ServerSessions } from '../sessions/judge-routes.ts';
import { endsSessions } from '../sessions/judge-sessions.ts';
import { countsSessions, holdsSessions } from './session-looks.ts';

interface Ports {
  readonly records: Records;
  readonly commands: Pick<InstanceCommands, 'sendWaitIdle' | 'readWaitIdle'>;
  readonly now: () => number;
}

/** Below the function's limit of 60 s. */
const LONGEST_CHECK_MS = 45_000;
/** One server that does not answer leaves time for the others. */
const LONGEST_LOOK_MS = 20_000;
/** At four polls a second each, Systems Manager throttles more. */
const LOOKS_AT_ONCE = 10;
/** A refusal names this many of the servers that were not asked in time. */
const NAMED = 5;

/**
 * Asks each server that is to be rolled for its cookie and its route, before anything is touched.
 * @throws SessionsNotDrainable naming each server with a fault, and what to do; with `recover` that is a warning
 */
export async function checkRoutes(ports: Ports, { deploy, lease }: CheckRoutesRequest): Promise<Checked> {
  const { records, now } = ports;
  await holdLease(records, deploy, lease, now());
  const targets = (await records.getDeploy(deploy.fleet, deploy.deployId))?.targets ?? {};
  const asked = Object.entries(targets).filter(([, target]) => target.phase === 'waiting' && holdsSessions(target));
  const looks = await lookAtAll(ports, { deploy, lease }, asked);
  const judged = judgeRoutes(
    looks.filter((one) => typeof one !== 'string'),
    deploy.settings,
  );
  const silent = looks.filter((one) => typeof one === 'string');
  const problems = [...silent, ...judged.problems, ...namelessCookie(await records.getRelease(deploy.fleet, deploy.version))];
  if (problems.length > 0 && !endsSessions(deploy)) {
    throw new SessionsNotDrainable(
      `${problems.join('; ')}. Nothing was changed. To deploy without waiting for sessions, set deploy.sessionDrainSeconds to 0 once no deploy runs`,
    );
  }
  await addWarnings(records, deploy, [...problems, ...judged.warnings]);
  return { verdict: 'DONE' };
}

type Held = Pick<CheckRoutesRequest, 'deploy' | 'lease'>;

/** What a server reports, or why it reports nothing. */
type Look = ServerSessions | string;

/**
 * Looks at as many servers at once as Systems Manager lets through, until the time is up. One sentence names the servers that were not asked
 * by then, or have not answered.
 * @throws the first failure, once the other looks have ended: a call that is under way when a function returns is frozen with it and goes
 * on in its next invocation, where it would send commands in addition to those of the repeated step
 */
async function lookAtAll(ports: Ports, of: Held, asked: readonly (readonly [string, TargetProgress])[]): Promise<readonly Look[]> {
  const { now } = ports;
  const endMs = now() + LONGEST_CHECK_MS;
  const left = [...asked];
  const atOnce = Math.min(LOOKS_AT_ONCE, asked.length);
  const looks = new Map<string, Look>();
  const failures: unknown[] = [];
  const goesOn = () => failures.length === 0 && now() < endMs;
  const lookOn = async () => {
    for (let next = left.shift(); next && goesOn(); next = left.shift()) {
      const seen = await look(ports, of, next, { goesOn, atOnce }).catch((error: unknown) => void failures.push(error));
      if (seen !== undefined) looks.set(next[0], seen);
    }
  };
  await endAt(Promise.all(Array.from({ length: atOnce }, lookOn)), endMs, now);
  if (failures.length > 0) throw failures[0];
  const late = asked.map(([instanceId]) => instanceId).filter((instanceId) => !looks.has(instanceId));
  return [...looks.values(), ...(late.length > 0 ? [tooLate(asked.length, late)] : [])];
}

/** A fleet too large to be asked in this time is mostly too large for a deploy that waits for the sessions of one server after another. */
function tooLate(asked: number, late: readonly string[]): string {
  const more = late.length - NAMED;
  const names = `${late.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${asked - late.length} of ${asked} servers were asked for their sessions within ${LONGEST_CHECK_MS / 1000} s, and ${names} ${late.length === 1 ? 'was' : 'were'} not: deploy again; if it stays so, the fleet is too large for deploys that wait for sessions, so keep them in the store`;
}

/** Undefined when the time for all of them is up, or another look has failed. */
async function look(
  ports: Ports,
  { deploy, lease }: Held,
  [instanceId, { fromVersion }]: readonly [string, TargetProgress],
  { goesOn, atOnce }: { readonly goesOn: () => boolean; readonly atOnce: number },
): Promise<Look | undefined> {
  const sentAtMs = ports.now();
  const commandId = await sendWatch(ports, instanceId, { ...lease, sliceSeconds: 0 }, deploy.documents);
  const step = { instanceId, commandId, commandSentAtMs: sentAtMs, phaseStartedAtMs: sentAtMs, atOnce };
  let seen: SessionsSeen | undefined;
  while (!seen) {
    const isOverdue = ports.now() >= sentAtMs + LONGEST_LOOK_MS;
    try {
      // An overdue command is cancelled: nothing that a refused deploy has sent is left to run once an agent answers again.
      seen = isOverdue ? await readSessions(ports, step, 0) : await readSessions(ports, step);
    } catch (error) {
      if (!isOverdue || !(error instanceof CommandFailed)) throw error;
      const seconds = Math.round((ports.now() - sentAtMs) / 1000);
      return `${instanceId} did not report its sessions within ${seconds} s: check its Systems Manager agent`;
    }
    if (!seen && !goesOn()) return undefined;
  }
  const counts = await countsSessions(ports.records, deploy.fleet, fromVersion, seen);
  return { instanceId, ...seen, counts, adopted: fromVersion === UNKNOWN_RELEASE };
}
