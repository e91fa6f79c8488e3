import type { InstanceCommands } from '../../instance/instance-commands.ts';
import { readSessions, type SessionsSeen, sendSessions } from '../../instance/steps/sessions.ts';
import { holdLease } from '../../records/hold-lease.ts';
import type { Records } from '../../records/records.ts';
import type { Lease, ReleaseRecord, TargetProgress } from '../../records/types.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import type { Checked, CheckRoutesRequest } from '../contract/roll.ts';
import { SessionsNotDrainable } from '../errors.ts';
import { judgeRoutes, type ServerSessions } from '../sessions/judge-routes.ts';
import { countsSessions, holdsSessions } from './session-looks.ts';

interface Ports {
  readonly records: Pick<Records, 'renewLease' | 'getDeploy' | 'getRelease' | 'updateDeploy'>;
  readonly commands: Pick<InstanceCommands, 'sendWaitIdle' | 'readWaitIdle'>;
  readonly now: () => number;
}

/** Below the function's limit of 60 s. */
const LONGEST_LOOK_MS = 45_000;

/**
 * Asks each server that is to be rolled for its cookie and its route, before anything is touched.
 * @throws SessionsNotDrainable naming each server with a fault, and what to do; with `recover` that is a warning
 */
export async function checkRoutes(ports: Ports, { deploy, lease }: CheckRoutesRequest): Promise<Checked> {
  const { records, now } = ports;
  await holdLease(records, deploy, lease, now());
  const targets = (await records.getDeploy(deploy.fleet, deploy.deployId))?.targets ?? {};
  const asked = Object.entries(targets).filter(([, target]) => target.phase === 'waiting' && holdsSessions(target));
  const servers = await Promise.all(asked.map(([instanceId, target]) => look(ports, deploy, lease, instanceId, target)));
  const judged = judgeRoutes(servers, deploy.settings);
  const problems = [...judged.problems, ...namelessCookie(await records.getRelease(deploy.fleet, deploy.version))];
  if (problems.length > 0 && !deploy.recover) {
    throw new SessionsNotDrainable(
      `${problems.join('; ')}. Nothing was changed. To deploy without waiting for sessions, set deploy.sessionDrainSeconds to 0`,
    );
  }
  await addWarnings(records, deploy, [...problems, ...judged.warnings]);
  return { verdict: 'DONE' };
}

/** The servers answer for the releases that they have; a rollback would meet the sessions of this one. */
const namelessCookie = (release: ReleaseRecord | undefined): readonly string[] =>
  release?.app.sessions !== undefined && release.app.session === undefined
    ? [
        `release ${release.version} counts sessions, and its contract does not name their cookie, so that a rollback could not wait for them: set session.cookie in holdfast.app.json and publish it as a new version`,
      ]
    : [];

async function look(
  ports: Ports,
  deploy: DeployContext,
  lease: Lease,
  instanceId: string,
  { fromVersion }: TargetProgress,
): Promise<ServerSessions> {
  const sentAtMs = ports.now();
  const commandId = await sendSessions(ports, instanceId, 0, lease.fencingToken, deploy.documents);
  const step = { instanceId, commandId, commandSentAtMs: sentAtMs, phaseStartedAtMs: sentAtMs };
  let seen: SessionsSeen | undefined;
  while (!seen) {
    seen = await readSessions(ports, step);
    if (!seen && ports.now() - sentAtMs >= LONGEST_LOOK_MS)
      throw new SessionsNotDrainable(
        `${instanceId} did not report its sessions within ${LONGEST_LOOK_MS / 1000} s; nothing was changed. Check its Systems Manager agent, then deploy again`,
      );
  }
  return { instanceId, ...seen, counts: await countsSessions(ports.records, deploy.fleet, fromVersion, seen) };
}
