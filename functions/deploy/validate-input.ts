import { isVersion } from '../shared/version.ts';
import { type DeployContext, deployInput, deploySettings } from './contract.ts';
import { InvalidInput, InvalidVersion } from './errors.ts';

/** What an execution was started with, and where. */
export interface Start {
  readonly input: unknown;
  readonly executionName: string;
  readonly executionArn: string;
  /** ISO 8601, as Step Functions gives it. */
  readonly startTime: string;
}

/** Past the deregistration delay, time for requests that the load balancer still sent while it learnt of it. */
const DRAIN_MARGIN_SECONDS = 30;

/**
 * The deploy that an execution's input asks for.
 * @param settings the fleet's settings, as its function's environment holds them; defaults fill what is missing
 * @throws InvalidVersion, InvalidInput
 */
export function validateInput(start: Start, fleet: string, settings: unknown): DeployContext {
  const version = (start.input as { version?: unknown } | null | undefined)?.version;
  if (!isVersion(version)) throw new InvalidVersion(version);
  const input = deployInput.safeParse(start.input);
  if (!input.success) throw new InvalidInput(`the deploy's input is not valid: ${explain(input.error.issues)}`);
  const resolved = resolveSettings(settings, fleet);
  const startedAtMs = Date.parse(start.startTime);
  if (Number.isNaN(startedAtMs)) throw new InvalidInput(`${JSON.stringify(start.startTime)} is not a start time`);
  return {
    deployId: start.executionName,
    executionArn: start.executionArn,
    fleet,
    version,
    startedAtMs,
    requestedBy: input.data.requestedBy ?? 'unknown',
    recover: input.data.recover ?? false,
    settings: { ...resolved, onFailure: input.data.onFailure ?? resolved.onFailure },
  };
}

/**
 * A fleet's settings with every default filled in.
 * @throws InvalidInput quoting what is wrong
 */
export function resolveSettings(settings: unknown, fleet: string): DeployContext['settings'] {
  const parsed = deploySettings.safeParse(settings);
  if (!parsed.success) throw new InvalidInput(`the deploy settings of fleet ${fleet} are not valid: ${explain(parsed.error.issues)}`);
  const { drainTimeoutSeconds, deregistrationDelaySeconds } = parsed.data;
  return { ...parsed.data, drainTimeoutSeconds: drainTimeoutSeconds ?? deregistrationDelaySeconds + DRAIN_MARGIN_SECONDS };
}

function explain(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');
}
