/** How long the sessions of a server are waited for, and that it fits the limits of executions. Times are in seconds. */
import { blindDrainSeconds } from '../../instance/drain-times.ts';
import { WARM_UP_SECONDS } from '../../instance/judge-latency.ts';
import type { ResolvedSettings } from '../settings/settings.ts';

/** Between two looks at a pinned server: one that has failed is released within 30 s. */
export const SESSION_SLICE_SECONDS = 12;

/** Servers look for idle sessions once a minute. */
const EXPIRY_SECONDS = 120;

/** A server's own time-out counts where it reports one. */
export const longestSessionSeconds = (
  settings: Pick<ResolvedSettings, 'sessionDrainSeconds'>,
  timeoutSeconds: number | undefined,
): number => (timeoutSeconds === undefined ? settings.sessionDrainSeconds : timeoutSeconds + EXPIRY_SECONDS);

/** Below 3 hours, the time-out of the machine that rolls one target: an execution that times out runs no Catch of its own, and so no "Put back". */
export const LONGEST_ROLL_SECONDS = 10_000;
/** Below two days, the time-out of the deploy's machine. */
export const LONGEST_DEPLOY_SECONDS = 170_000;

/** The longest bake of a target by the settings. */
const longestBakeSeconds = ({ bakeSeconds, firstBakeSeconds = 0 }: ResolvedSettings): number => Math.max(bakeSeconds, firstBakeSeconds);

/**
 * The longest roll of a target: a drain without a signal, and a rollback's, last until the load balancer has cut what still runs. A bake whose
 * answers are slow at first goes on while they get faster.
 */
export const longestRollSeconds = (settings: ResolvedSettings, bakeSeconds = longestBakeSeconds(settings)): number =>
  blindDrainSeconds(settings) +
  settings.installTimeoutSeconds +
  settings.healthDeadlineSeconds +
  settings.registerTimeoutSeconds +
  Math.max(bakeSeconds, WARM_UP_SECONDS);

/**
 * The wait for one server at the moment of its roll: a server that came later, another release or a changed time-out has passed no check,
 * and an execution that times out runs no Catch. A rollback waits no longer than the setting says, since a bad release serves meanwhile.
 */
export const boundedSessionSeconds = (
  settings: ResolvedSettings,
  timeoutSeconds: number | undefined,
  { isRollback }: { readonly isRollback: boolean },
): number =>
  Math.max(
    0,
    Math.min(
      longestSessionSeconds(settings, timeoutSeconds),
      LONGEST_ROLL_SECONDS - longestRollSeconds(settings) - pinSeconds(settings),
      ...(isRollback ? [settings.sessionDrainSeconds] : []),
    ),
  );

/** Healthy in the drain group, the rule at every node, and the rule again once the sessions have ended. */
const pinSeconds = ({ registerTimeoutSeconds, ruleLagSeconds }: ResolvedSettings): number => registerTimeoutSeconds + 2 * ruleLagSeconds;

/** What the wait for sessions adds to it. */
export const longestPinSeconds = (settings: ResolvedSettings, timeoutSeconds?: number): number =>
  pinSeconds(settings) + longestSessionSeconds(settings, timeoutSeconds);
