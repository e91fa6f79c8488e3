/** What a deploy that did not succeed is started with again. Pure. */

import { hasPreviousRelease } from '../../functions/deploy/clean-up/choose-rollback.ts';
import type { DeployRecord, Phase, TargetProgress } from '../../functions/records/types.ts';
import { counted } from '../../functions/shared/texts.ts';
import { NO_RELEASE } from '../../functions/shared/version.ts';
import type { DeployOptions } from './deploy.ts';

type Resumable = Pick<
  DeployRecord,
  | 'restart'
  | 'restartAll'
  | 'adopt'
  | 'ignoreApplicationStopFailures'
  | 'pauseAfter'
  | 'pause'
  | 'recover'
  | 'keepsSessions'
  | 'expect'
  | 'settings'
  | 'targets'
>;
type Resumed = Pick<
  DeployOptions,
  'restart' | 'restartAll' | 'adopt' | 'ignoreApplicationStopFailures' | 'recover' | 'keepsSessions' | 'pauseAfter' | 'expect'
>;

/**
 * The options of the deploy that resumes another one. A restart restarts the same servers again. A deploy with `--pause-after` that nobody
 * continued pauses again, if enough servers are left for a pause to make sense. The safeguards of a deploy are off only where somebody turned
 * them off, now or for the deploy that is resumed. One that left the fleet with too few servers in service may begin with them: it could not
 * be resumed at all otherwise, and it refuses all the same what would end sessions.
 * @param recover an operator's own `--recover`
 */
export function resumed({ restart, targets, ...record }: Resumable, recover = false): Resumed {
  if (restart !== undefined) return { restart };
  if (record.adopt) return { adopt: record.adopt };
  const left = Object.values(targets).filter(({ phase }) => phase !== 'done' && phase !== 'skipped').length;
  const { restartAll, pauseAfter, expect, ignoreApplicationStopFailures } = record;
  return {
    ...(ignoreApplicationStopFailures && { ignoreApplicationStopFailures }),
    ...(restartAll && { restartAll }),
    ...(expect !== undefined && { expect }),
    ...(recover || isOperators(record) ? { recover: true } : isShort({ targets, ...record }) ? { recover: true, keepsSessions: true } : {}),
    ...(owesStop(record) && pauseAfter !== undefined && pauseAfter < left && { pauseAfter }),
  };
}

/** Sentences on what the new deploy does that its starter has possibly not asked for. */
export function recoverWords(record: Resumable, { recover, keepsSessions }: Resumed): string | undefined {
  if (!recover) return undefined;
  const means = 'it starts with too few healthy targets, and takes servers out of service whatever the others do';
  if (!keepsSessions) {
    const why = isOperators(record) ? 'That deploy was started with --recover, and this one is as well' : 'With --recover';
    return `${why}: ${means}. Where it cannot wait for users' sessions, it ends them.`;
  }
  const { serving, servers, minimum } = inService(record);
  return `By its record, that deploy left ${serving} of ${servers} servers in service, and minimumHealthyTargets is ${minimum}. This one goes on all the same: ${means}. It refuses what would end users' sessions; only with --recover does it not.`;
}

/** An operator has turned the safeguards off for it. */
const isOperators = ({ recover, keepsSessions }: Pick<Resumable, 'recover' | 'keepsSessions'>): boolean =>
  recover === true && keepsSessions !== true;

/** Whether the deploy left too few servers in service for another one to start. Nothing is known of servers that failed since. */
function isShort(record: Pick<Resumable, 'settings' | 'targets'>): boolean {
  const { serving, servers, minimum } = inService(record);
  return serving < servers && serving < minimum;
}

function inService({ settings, targets }: Pick<Resumable, 'settings' | 'targets'>) {
  const present = Object.values(targets).filter((target) => target.phase !== 'skipped' || target.startedAtMs === undefined);
  const minimum = settings?.['minimumHealthyTargets'];
  return {
    serving: present.filter(serves).length,
    servers: present.length,
    minimum: typeof minimum === 'number' ? minimum : 0,
  };
}

/** Phases in which a server has not left the load balancer yet. */
const BEFORE_LEAVING: ReadonlySet<Phase> = new Set(['waiting', 'preparing', 'pinning', 'skipped']);

/** Whether the server serves users: a placeholder does not, and a server that an unfinished deploy took out is still out. */
function serves(target: TargetProgress): boolean {
  const { phase, fromVersion, rollingBackTo, healthBefore, takenOut, notRunning } = target;
  if (notRunning) return false;
  if (phase === 'done') return true;
  if ((rollingBackTo ?? fromVersion) === NO_RELEASE) return false;
  if (phase === 'rolledBack') return true;
  if (phase === 'failed') return takenOut !== true && hasPreviousRelease(target);
  return (
    BEFORE_LEAVING.has(phase) &&
    rollingBackTo === undefined &&
    (healthBefore === undefined || healthBefore === 'healthy' || healthBefore === 'initial')
  );
}

/**
 * A sentence on whether the new deploy pauses too, where the resumed one had a pause that nobody continued; undefined for other deploys.
 */
export function stopWords(record: Resumable, again: Pick<DeployOptions, 'pauseAfter'>): string | undefined {
  if (!owesStop(record) || record.restart !== undefined) return undefined;
  return again.pauseAfter === undefined
    ? 'Nobody had continued that deploy, and too few servers are left to stop before the last one: this one does not stop.'
    : `Nobody had continued that deploy: this one stops after ${counted(again.pauseAfter, 'server')} as well.`;
}

const owesStop = ({ pauseAfter, pause }: Pick<Resumable, 'pauseAfter' | 'pause'>): boolean =>
  pauseAfter !== undefined && pause?.continued === undefined;
