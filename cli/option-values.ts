/** What options may hold; a wrong value is refused with the rule, before anything is connected to. */
import { FLEET_PATTERN } from '../functions/deploy/contract.ts';
import { VERSION_PATTERN } from '../functions/shared/version.ts';
import { CommandFailure, EXIT } from './failure.ts';

/** `eu-west-1`, `us-gov-east-1`, `ap-southeast-3` */
const REGION_PATTERN = '^[a-z]{2}(-[a-z]+){1,2}-[0-9]{1,2}$';

export const releaseVersion = (value: string): string => matching(VERSION_PATTERN, value, 'InvalidVersion', 'is not a version');
export const fleetName = (value: string): string => matching(FLEET_PATTERN, value, 'InvalidFleet', "is not a fleet's name");
export const installationName = (value: string): string =>
  matching(FLEET_PATTERN, value, 'InvalidInstallation', "is not an installation's name");
/** An execution's name, as Step Functions takes one. */
export const deployId = (value: string): string => matching('^[A-Za-z0-9_-]{1,80}$', value, 'InvalidDeploy', "is not a deploy's id");
/** The same, of a sweep. */
export const sweepId = (value: string): string => matching('^[A-Za-z0-9_-]{1,80}$', value, 'InvalidSweep', "is not a sweep's id");
/** An empty one is refused too: a variable that is not set must not turn a command for AWS into a local one. */
export const regionName = (value: string): string => matching(REGION_PATTERN, value, 'InvalidRegion', 'is not a Region of AWS');

function matching(pattern: string, value: string, code: string, problem: string): string {
  if (new RegExp(pattern).test(value)) return value;
  throw new CommandFailure(code, `${quote(value)} ${problem}: it has to match ${pattern}; nothing was started`, EXIT.badInput);
}

/** Reads a whole number in bounds. */
export const whole =
  (option: string, least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new CommandFailure('InvalidOption', `${option} ${quote(text)} is not a whole number from ${least} to ${most}`, EXIT.badInput);
  };

/** A value as it was typed, short enough for one sentence. */
const quote = (value: string): string => JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
