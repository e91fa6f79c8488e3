import { isVersion } from '../../shared/version.ts';
import type { DeployContext } from '../contract/common.ts';
import { InvalidInput, InvalidVersion } from '../errors.ts';
import { explainIssues, resolveSettings } from '../settings/read-settings.ts';
import { deployInput } from '../settings/settings.ts';

/** What an execution was started with, and where. */
export interface Start {
  readonly input: unknown;
  readonly executionName: string;
  readonly executionArn: string;
  /** ISO 8601, as Step Functions gives it. */
  readonly startTime: string;
}

/**
 * The deploy that an execution's input requests.
 * @param settings the fleet's settings, as its function's environment holds them; defaults fill what is missing
 * @throws InvalidVersion, InvalidInput
 */
export function validateInput(start: Start, fleet: string, settings: unknown): DeployContext {
  const version = (start.input as { version?: unknown } | null | undefined)?.version;
  if (!isVersion(version)) throw new InvalidVersion(version);
  const input = deployInput.safeParse(start.input);
  if (!input.success) throw new InvalidInput(`the deploy's input is not valid: ${explainIssues(input.error.issues)}`);
  const { restart, restartAll, keepsSessions = false, pauseAfter, expect, adopt, ignoreApplicationStopFailures } = input.data;
  // An adoption takes no server out: the others do not matter, and nothing goes back.
  const recover = adopt !== undefined || input.data.recover === true;
  const refuse = (what: string, why: string) => {
    throw new InvalidInput(`a restart has no ${what}: ${restart} ${why}. Nothing was changed`);
  };
  if (restart !== undefined && recover) refuse('recover', 'is restarted while it is not the last healthy server');
  if (restart !== undefined && restartAll) refuse('restartAll', 'is its only server');
  if (restart !== undefined && pauseAfter !== undefined) refuse('pauseAfter', 'is its only server');
  if (restart !== undefined && expect !== undefined) refuse('expect', 'keeps its release, and nothing that users meet stops it');
  const resolved = { ...resolveSettings(settings, fleet), ...(adopt && { settleSeconds: 0 }) };
  const onFailure = adopt ? 'halt' : (input.data.onFailure ?? resolved.onFailure);
  if (pauseAfter !== undefined && onFailure === 'halt') {
    throw new InvalidInput(
      `pauseAfter ${pauseAfter} is not possible with onFailure halt: a deploy that nobody continues, or that is rejected, rolls back. Start it with --on-failure rollback, or without --pause-after. Nothing was changed`,
    );
  }
  const startedAtMs = Date.parse(start.startTime);
  if (Number.isNaN(startedAtMs)) throw new InvalidInput(`${JSON.stringify(start.startTime)} is not a start time`);
  return {
    deployId: start.executionName,
    executionArn: start.executionArn,
    fleet,
    version,
    startedAtMs,
    requestedBy: input.data.requestedBy ?? 'unknown',
    recover,
    ...(recover && keepsSessions && { keepsSessions }),
    ...(restart !== undefined && { restart }),
    ...(restartAll && { restartAll }),
    ...(pauseAfter !== undefined && { pauseAfter }),
    ...(expect !== undefined && { expect }),
    ...(adopt && { adopt }),
    ...(ignoreApplicationStopFailures && { ignoreApplicationStopFailures }),
    settings: { ...resolved, onFailure },
  };
}
