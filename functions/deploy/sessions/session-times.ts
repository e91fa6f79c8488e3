/** How long the sessions of a server are waited for, and that it fits the limits of executions. Times are in seconds. */
import { blindDrainSeconds } from '../../instance/drain-times.ts';
import type { ResolvedSettings } from '../settings/settings.ts';

/** Servers look for idle sessions once a minute. */
const EXPIRY_SECONDS = 120;

/** A server's own time-out counts where it reports one. */
export const longestSessionSeconds = (
  settings: Pick<ResolvedSettings, 'sessionDrainSeconds'>,
  timeoutSeconds: number | undefined,
): number => (timeoutSeconds === undefined ? settings.sessionDrainSeconds : timeoutSeconds + EXPIRY_SECONDS);

/** Below 3 hours, the time-out of the machine that rolls one target: an execution that times out runs no clean-up. */
export const LONGEST_ROLL_SECONDS = 10_000;
/** Below two days, the time-out of the deploy's machine. */
export const LONGEST_DEPLOY_SECONDS = 170_000;

/** The longest roll of a target: a drain without a signal, and a rollback's, last until the load balancer has cut what still runs. */
export const longestRollSeconds = (settings: ResolvedSettings): number =>
  blindDrainSeconds(settings) +
  settings.installTimeoutSeconds +
  settings.healthDeadlineSeconds +
  settings.registerTimeoutSeconds +
  settings.bakeSeconds;

/** What the wait for sessions adds to it: healthy in the drain group, the rule at every node, the sessions, the rule again. */
export const longestPinSeconds = (settings: ResolvedSettings, timeoutSeconds?: number): number =>
  settings.registerTimeoutSeconds + 2 * settings.ruleLagSeconds + longestSessionSeconds(settings, timeoutSeconds);
