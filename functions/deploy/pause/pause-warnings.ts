/** What an operator should know of a deploy that waits, next to what it waits for. Pure. */
import { NO_RELEASE } from '../../shared/version.ts';
import type { ResolvedSettings } from '../settings/settings.ts';

export interface PauseWarningFacts {
  /** Alarms and unhealthy servers can be due to the session store. */
  readonly storeFailedOver: boolean;
  /** Ids of the targets that the deploy has brought the release to. */
  readonly done: readonly string[];
  readonly members: readonly { readonly instanceId: string; readonly version: string; readonly health: string }[];
  /** The minimum of healthy targets does not apply: the deploy was started with `recover`, or the fleet has no release to go back to. */
  readonly goesBackAnyway: boolean;
  readonly settings: Pick<ResolvedSettings, 'minimumHealthyTargets' | 'registerTimeoutSeconds'>;
}

/** Sentences for the deploy's record. Each stays the same from look to look, so that the record has it once. */
export const warnOfPause = (facts: PauseWarningFacts): readonly string[] => [
  ...(facts.storeFailedOver ? [UNWATCHED] : []),
  ...warnOfKeptServers(facts),
];

const UNWATCHED =
  'The session store failed over or was not ready. While alarms and unhealthy servers can be its doing, they do not end the wait to be continued: for ten minutes after it was not ready, and for the rest of the wait after a failover. Judge the new release yourself.';

/** Warns of servers that the clean-up would leave as they are, since one that serves goes back only while the minimum of others is healthy. */
function warnOfKeptServers({ done, members, goesBackAnyway, settings }: PauseWarningFacts): readonly string[] {
  const { minimumHealthyTargets, registerTimeoutSeconds } = settings;
  const healthy = members.filter(({ health, version }) => health === 'healthy' && version !== NO_RELEASE);
  const serving = healthy.map(({ instanceId }) => instanceId).filter((instanceId) => done.includes(instanceId));
  if (goesBackAnyway || serving.length === 0 || healthy.length > minimumHealthyTargets) return [];
  return [
    `While the deploy waited to be continued, too few other servers were healthy to take ${serving.join(', ')} out of service (minimumHealthyTargets ${minimumHealthyTargets}). If that is so when it is rejected or its time is up, the clean-up waits ${registerTimeoutSeconds} s for the others and then leaves what serves with the new release. Auto Scaling replaces no server before the deploy has ended.`,
  ];
}
