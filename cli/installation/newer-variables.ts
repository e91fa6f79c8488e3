/** Variables whose secrets, parameters or list have another version than the servers were started with. */
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { paginateDescribeParameters, SSMClient } from '@aws-sdk/client-ssm';
import type { InstanceRecord } from '../../functions/records/types.ts';
import { isAwsError } from '../../functions/shared/aws/classify-aws-error.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { environmentParameterName } from '../../functions/shared/naming.ts';
import { type Environment, hasVariables } from '../../infra/config/environment.ts';
import type { Cloud } from '../cloud.ts';
import { optionsOf } from '../command-options.ts';
import { allOf } from '../doctor/lookup.ts';
import { readConfigurationIfAny } from './read-deployed.ts';

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html Values */
const MOST_FILTERED = 50;

/** By server, the names whose versions differ; `list` is the list itself. A server without a record of versions differs in all of them. */
export type Newer = Readonly<Record<string, readonly string[]>>;

export function newerThan(current: Readonly<Record<string, string>>, instances: readonly InstanceRecord[]): Newer {
  const differing = ({ environment = {} }: InstanceRecord) => Object.keys(current).filter((name) => environment[name] !== current[name]);
  return Object.fromEntries(instances.map((one) => [one.instanceId, differing(one)] as const).filter(([, names]) => names.length > 0));
}

/** For status: none while every server was started with the current versions. */
export function newerLines(newer: Newer | { readonly unread: string } | undefined, cloud: Cloud): string[] {
  if (!newer) return [];
  if ('unread' in newer) return [`configuration not compared with what the servers were started with: ${newer.unread}`];
  const servers = Object.entries(newer as Newer);
  if (servers.length === 0) return [];
  return [
    `configuration newer than the servers. Restart them, one at a time, with: ${holdfast(`restart --all ${optionsOf(cloud)}`)}`,
    ...servers.map(([instanceId, names]) => `  ${instanceId}  ${names.map((name) => (name === 'list' ? 'environment' : name)).join(', ')}`),
  ];
}

/** @returns undefined for a fleet without variables, and where no configuration is on record */
export async function readNewer(cloud: Cloud, instances: readonly InstanceRecord[]): Promise<Newer | undefined> {
  const variables = (await readConfigurationIfAny(cloud))?.fleets[cloud.fleet]?.environment;
  if (variables === undefined || !hasVariables({ environment: variables })) return undefined;
  const ssm = new SSMClient(cloud.client);
  const secrets = new SecretsManagerClient(cloud.client);
  try {
    const current: Record<string, string> = {};
    for (const [name, source] of Object.entries(variables)) {
      if (typeof source === 'string' || 'parameter' in source) continue;
      // Another account's is read by the servers alone.
      const described = await secrets.send(new DescribeSecretCommand({ SecretId: source.secret })).catch((error: unknown) => {
        if (isAwsError(error, 'AccessDeniedException')) return undefined;
        throw error;
      });
      const { VersionIdsToStages = {} } = described ?? {};
      current[name] = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes('AWSCURRENT')) ?? '';
    }
    const parameters = parametersOf(variables, cloud);
    const versions = await parameterVersions(ssm, [...new Set(Object.values(parameters))]);
    for (const [name, parameter] of Object.entries(parameters)) current[name] = versions.get(parameter) ?? '';
    return newerThan(Object.fromEntries(Object.entries(current).filter(([, version]) => version !== '')), instances);
  } finally {
    for (const client of [ssm, secrets]) client.destroy();
  }
}

/** By variable, its parameter, and the list's own. Those that another account shares cannot be described, and ours can have the same name. */
export function parametersOf(
  variables: Environment,
  { account, installation, fleet }: Pick<Cloud, 'account' | 'installation' | 'fleet'>,
): Readonly<Record<string, string>> {
  const ours = Object.entries(variables).flatMap(([name, source]) => {
    if (typeof source === 'string' || !('parameter' in source)) return [];
    const [, , , , owner = account] = source.parameter.split(':');
    return owner === account ? [[name, source.parameter.replace(/^arn:[^/]*:parameter(?:\/(?=[^/]+$))?/, '')] as const] : [];
  });
  return { list: environmentParameterName(installation, fleet), ...Object.fromEntries(ours) };
}

/** Of those that there are. */
export async function parameterVersions(client: SSMClient, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  for (let left = names; left.length > 0; left = left.slice(MOST_FILTERED)) {
    const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: left.slice(0, MOST_FILTERED) }];
    const found = await allOf(paginateDescribeParameters({ client }, { ParameterFilters }), (page) => page.Parameters);
    for (const { Name = '', Version } of found) versions.set(Name, String(Version));
  }
  return versions;
}
