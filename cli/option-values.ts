/** Parses option values. A wrong value is refused with its rule, before any connection is made. */
import { EXTRAS, type Extra } from '../functions/canary/contract/findings.ts';
import { FLEET_PATTERN } from '../functions/deploy/settings/settings.ts';
import { RUNBOOKS, type Runbook } from '../functions/incidents/contract/causes.ts';
import { notARegion, REGION_PATTERN } from '../functions/shared/aws/partition.ts';
import { INSTALLATION_PATTERN, INSTALLATION_RULE } from '../functions/shared/naming.ts';
import { isVersion, VERSION_RULE } from '../functions/shared/version.ts';
import { POLICIES, type Policy } from '../functions/sweep/contract/settings.ts';
import { badInput, type CommandFailure, type FailOn } from './failure.ts';

export function releaseVersion(value: string): string {
  if (isVersion(value)) return value;
  throw badInput('InvalidVersion', `${quote(value)} is not a valid version. Nothing was started. ${VERSION_RULE}.`);
}
export const fleetName = (value: string): string => matching(FLEET_PATTERN, value, 'InvalidFleet', 'is not a valid fleet name');
export function installationName(value: string): string {
  if (new RegExp(INSTALLATION_PATTERN).test(value)) return value;
  throw badInput('InvalidInstallation', `${quote(value)} is not a valid installation name. Nothing was started. It ${INSTALLATION_RULE}.`);
}
/** An execution's name, as Step Functions takes one. */
export const deployId = (value: string): string => matching('^[A-Za-z0-9_-]{1,80}$', value, 'InvalidDeploy', 'is not a valid deploy id');
/** The id of a server, as the command "status" lists it. */
export const instanceId = (value: string): string =>
  matching('^m?i-[0-9a-f]{1,17}$', value, 'InvalidInstance', 'is not a valid instance id');
/** An execution's name, of a sweep. */
export const sweepId = (value: string): string => matching('^[A-Za-z0-9_-]{1,80}$', value, 'InvalidSweep', 'is not a valid sweep id');
/** An incident's id, or its first characters. */
export const incidentId = (value: string): string =>
  matching('^inc-[0-9a-f]{0,12}$', value, 'InvalidIncident', 'is not a valid incident id');
/** `restore-stickiness`, or `restore-stickiness@web` */
export const mitigationKey = (value: string): string =>
  matching('^[a-z-]{1,40}(@[a-z0-9-]{1,40})?$', value, 'InvalidMitigation', 'is not a valid mitigation');
export function runbookName(text: string): Runbook {
  if ((RUNBOOKS as readonly string[]).includes(text)) return text as Runbook;
  const known = RUNBOOKS.join(', ');
  throw badInput('InvalidRunbook', `${quote(text)} is not a runbook. Nothing was started. Use ${known}.`);
}
/** Parses a time that is past. @returns milliseconds since the epoch @throws CommandFailure InvalidOption */
export const pastTime =
  (option: string) =>
  (text: string): number => {
    const atMs = Date.parse(text);
    if (/^\d{4}-\d\d-\d\dT/.test(text) && Number.isFinite(atMs) && atMs >= 0 && atMs < Date.now()) return atMs;
    throw badInput(
      'InvalidOption',
      `${option} ${quote(text)} is not a time in the past. Nothing was started. Write it as 2026-11-22T03:00:00Z.`,
    );
  };
/** Refuses an empty value too: an unset variable must not turn a command for AWS into a local one. */
export function regionName(value: string): string {
  if (new RegExp(REGION_PATTERN).test(value)) return value;
  throw badInput('InvalidRegion', `${quote(value)} is not a valid AWS Region. Nothing was started. It ${notARegion(value)}`);
}

/** The id of an ElastiCache replication group. */
export const replicationGroupId = (value: string): string =>
  matching('^[a-z](-?[a-z0-9]){0,39}$', value, 'InvalidStore', 'is not a valid id of a replication group');

export const targetGroupArn = (value: string): string =>
  matching(
    '^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:targetgroup/[A-Za-z0-9-]+/[0-9a-f]+$',
    value,
    'InvalidTargetGroup',
    'is not the ARN of a target group',
  );

/** What has this id, or the only one whose id begins with it. @param refuse gets all that begin with it, where they are several or none */
export async function withId<T>(
  id: string,
  get: (id: string) => Promise<T | undefined>,
  find: (id: string) => Promise<readonly T[]>,
  refuse: (found: readonly T[]) => CommandFailure,
): Promise<T> {
  const exact = await get(id);
  if (exact) return exact;
  const found = await find(id);
  const [only, another] = found;
  if (only && !another) return only;
  throw refuse(found);
}

function matching(pattern: string, value: string, code: string, problem: string): string {
  if (new RegExp(pattern).test(value)) return value;
  throw badInput(code, `${quote(value)} ${problem}. Nothing was started. It must match ${pattern}.`);
}

/** Parses a whole number from `least` to `most`. */
export const whole =
  (option: string, least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw badInput('InvalidOption', `${option} ${quote(text)} is not a whole number from ${least} to ${most}. Nothing was started.`);
  };

/** Parses `--fail-on`. @throws CommandFailure InvalidOption */
export function failingSeverity(text: string): FailOn {
  if (text === 'warning' || text === 'error') return text;
  const problem = `--fail-on ${quote(text)} is not a severity that can fail the command`;
  throw badInput('InvalidOption', `${problem}. Nothing was checked. Use warning or error.`);
}

/** Parses `race,samples`. @throws CommandFailure InvalidOption */
export function extraChecks(text: string): readonly Extra[] {
  const names = text.split(',');
  const unknown = names.find((name) => !(EXTRAS as readonly string[]).includes(name));
  if (unknown === undefined) return names as Extra[];
  throw badInput(
    'InvalidOption',
    `--with ${quote(text)} has ${quote(unknown)}. Nothing was sent. Use ${EXTRAS.join(', ')}, or both with a comma.`,
  );
}

/** Value of `--policy`: one policy for all dialects, or a policy per dialect. */
export type PolicyOption = Policy | Readonly<Record<string, Policy>>;

/** Parses `expire` or `connect-redis=delete,laravel=report`. @throws CommandFailure InvalidOption */
export function policyOption(text: string): PolicyOption {
  if (isPolicy(text)) return text;
  const parts = text.split(',').map((part) => part.split('='));
  const named = parts.map(([dialect = '', policy = '', ...more]) => {
    if (/^[a-z][a-z0-9-]{0,39}$/.test(dialect) && isPolicy(policy) && more.length === 0) return [dialect, policy] as const;
    throw badInput(
      'InvalidOption',
      `--policy ${quote(text)} is not a valid policy. Nothing was started. Use ${POLICIES.join(', ')}, or a list such as connect-redis=delete,laravel=report.`,
    );
  });
  return Object.fromEntries(named);
}

const isPolicy = (text: string): text is Policy => (POLICIES as readonly string[]).includes(text);

/** The value in quotes, cut to 80 characters. */
const quote = (value: string): string => JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
