/** The fleet's settings, as the environment of a function holds them. */
import { type Environment, optional } from '../../shared/environment.ts';
import { InvalidInput } from '../errors.ts';
import { deploySettings, type ResolvedSettings, SETTINGS_ENV } from './settings.ts';

/** How long a load balancer goes on sending: users measured 15–25 s. */
const PROPAGATION_LAG_SECONDS = 25;

/** Unchecked; `{}`, all defaults, when the environment has none. @throws InvalidInput when they are not valid JSON */
export function readSettings(environment: Environment): unknown {
  const text = optional(environment, SETTINGS_ENV.deploySettings) ?? '{}';
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`${SETTINGS_ENV.deploySettings} is not valid JSON`, error);
  }
}

/**
 * A fleet's settings with every default filled in.
 * @throws InvalidInput quoting what is wrong
 */
export function resolveSettings(settings: unknown, fleet: string): ResolvedSettings {
  const parsed = deploySettings.safeParse(settings);
  if (!parsed.success) throw new InvalidInput(`the deploy settings of fleet ${fleet} are not valid: ${explainIssues(parsed.error.issues)}`);
  const { deregistrationDelaySeconds, quietSeconds, drainSliceSeconds } = parsed.data;
  // The last request arrives at the lag's end, has the whole delay, and is followed by silence, which the next slice reports.
  const drainTimeoutSeconds = PROPAGATION_LAG_SECONDS + deregistrationDelaySeconds + quietSeconds + drainSliceSeconds;
  return { ...parsed.data, drainTimeoutSeconds: parsed.data.drainTimeoutSeconds ?? drainTimeoutSeconds };
}

/** `quietSeconds: expected number; …` */
export function explainIssues(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');
}
