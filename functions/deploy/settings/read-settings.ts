/** The fleet's settings, as the environment of a function holds them. */

import { findUnfitTime, latestDrainTimeoutSeconds } from '../../instance/drain-times.ts';
import { type Environment, optional } from '../../shared/environment.ts';
import { parseJson } from '../../shared/json.ts';
import { InvalidInput } from '../errors.ts';
import { type DeploySettings, defaultRegisterTimeoutSeconds, deploySettings, type ResolvedSettings, SETTINGS_ENV } from './settings.ts';

/** Unchecked; `{}`, all defaults, when the environment has none. */
export const readSettings = (environment: Environment): unknown => parseJson(optional(environment, SETTINGS_ENV.deploySettings) ?? '{}');

/**
 * A fleet's settings with every default filled in, for what has begun: the settings of a deploy that an earlier version of Holdfast
 * started must not keep its clean-up from running.
 * @throws InvalidInput quoting what is wrong with a single value
 */
export function fillSettings(settings: unknown, fleet: string): ResolvedSettings {
  const parsed = deploySettings.safeParse(settings);
  if (!parsed.success) throw new InvalidInput(`the deploy settings of fleet ${fleet} are not valid: ${explainIssues(parsed.error.issues)}`);
  return withDerived(parsed.data);
}

/** With the times whose defaults follow from another one. */
export const withDerived = (settings: DeploySettings): ResolvedSettings => ({
  ...settings,
  drainTimeoutSeconds: settings.drainTimeoutSeconds ?? latestDrainTimeoutSeconds(settings.deregistrationDelaySeconds),
  registerTimeoutSeconds: settings.registerTimeoutSeconds ?? defaultRegisterTimeoutSeconds(settings.deregistrationDelaySeconds),
});

/**
 * The same for what begins with them.
 * @throws InvalidInput also for times with which no drain can end before the load balancer cuts what still runs
 */
export function resolveSettings(settings: unknown, fleet: string): ResolvedSettings {
  const filled = fillSettings(settings, fleet);
  const unfit = findUnfitTime(filled);
  if (!unfit) return filled;
  throw new InvalidInput(`the deploy settings of fleet ${fleet} are not valid: ${unfit.setting} (${filled[unfit.setting]}) ${unfit.why}`);
}

/** `quietSeconds: expected number; …` */
export function explainIssues(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');
}
