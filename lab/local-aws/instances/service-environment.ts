/** What a service finds in its environment, and so what it can do as: the machine's role, root, or neither. */
import { existsSync, readFileSync } from 'node:fs';
import { parseEnvironmentFile, type ServiceUnit } from './unit-file.ts';

/** Port and secret of the machine's supervisor, for root's `systemctl`. */
export const CONTROL_VARIABLE = 'HOLDFAST_MACHINE_CONTROL';
/** Credentials of the machine's role: what the instance metadata service returns on AWS. */
const CREDENTIALS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;

/**
 * The machine's environment as far as the unit's settings leave it, then the unit's own.
 *
 * - A user other than root cannot operate the machine, and has another home than root's with its credentials file.
 * - A unit that denies the metadata service gets no credentials, and its SDKs do not ask the host's metadata service.
 *
 * @returns a text when an environment file does not exist
 */
export function serviceEnvironment(unit: ServiceUnit, machine: Readonly<Record<string, string>>): Record<string, string> | string {
  const environment: Record<string, string> = { ...machine };
  if (unit.unprivileged) {
    delete environment[CONTROL_VARIABLE];
    environment['HOME'] = machine['HOLDFAST_ROOT'] ?? '/nonexistent';
  }
  if (unit.deniesMetadata) {
    for (const name of CREDENTIALS) delete environment[name];
    environment['AWS_EC2_METADATA_DISABLED'] = 'true';
  }
  Object.assign(environment, unit.environment);
  // Read before each process, so that a unit that starts before this one can write one.
  for (const { path, optional } of unit.environmentFiles) {
    if (existsSync(path)) Object.assign(environment, parseEnvironmentFile(readFileSync(path, 'utf8')));
    else if (!optional) return `EnvironmentFile ${path} does not exist`;
  }
  return environment;
}
