/** Variables whose secrets, parameters or list have another version than the servers were started with. */
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { paginateDescribeParameters, SSMClient } from '@aws-sdk/client-ssm';
import type { InstanceRecord } from '../../functions/records/types.ts';
import { isAwsError } from '../../functions/shared/aws/classify-aws-error.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { environmentParameterName } from '../../functions/shared/naming.ts';
import { hasVariables } from '../../infra/config/environment.ts';
import type { Cloud } from '../cloud.ts';
import { optionsOf } from '../command-options.ts';
import { allOf } from '../doctor/lookup.ts';
import { readConfigurationIfAny } from './read-deployed.ts';

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
    const parameters: Record<string, string> = { list: environmentParameterName(cloud.installation, cloud.fleet) };
    const current: Record<string, string> = {};
    for (const [name, source] of Object.entries(variables)) {
      if (typeof source === 'string') continue;
      if ('parameter' in source) parameters[name] = source.parameter;
      else {
        // Another account's is read by the servers alone.
        const described = await secrets.send(new DescribeSecretCommand({ SecretId: source.secret })).catch((error: unknown) => {
          if (isAwsError(error, 'AccessDeniedException')) return undefined;
          throw error;
        });
        const { VersionIdsToStages = {} } = described ?? {};
        current[name] = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes('AWSCURRENT')) ?? '';
      }
    }
    for (const [name, id] of Object.entries(parameters)) parameters[name] = id.replace(/^arn:[^/]*:parameter(?:\/(?=[^/]+$))?/, '');
    const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [...new Set(Object.values(parameters))] }];
    const found = await allOf(paginateDescribeParameters({ client: ssm }, { ParameterFilters }), (page) => page.Parameters);
    // Those that another account shares are not described.
    const versions = new Map(found.map(({ Name, Version }) => [Name, String(Version)]));
    for (const [name, parameter] of Object.entries(parameters)) current[name] = versions.get(parameter) ?? '';
    return newerThan(Object.fromEntries(Object.entries(current).filter(([, version]) => version !== '')), instances);
  } finally {
    for (const client of [ssm, secrets]) client.destroy();
  }
}
