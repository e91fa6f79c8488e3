/** Reads what is deployed: the installation's parameter, and the record with its configuration. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  type InstallationParameter,
  type InstallationRecord,
  installationParameter,
  type PartParameter,
  partParameter,
} from '../../functions/installation/contract.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../../functions/records/sdk-dynamo-calls.ts';
import {
  contractParameterName,
  INCIDENTS_PART,
  installationParameterName,
  recordsTableName,
  STORE_PART,
} from '../../functions/shared/naming.ts';
import type * as z from '../../functions/shared/schema.ts';
import { type HoldfastConfig, parseConfig } from '../../infra/config.ts';
import { isDenied } from '../aws-errors.ts';
import type { Cloud } from '../cloud.ts';
import { badInput, CommandFailure } from '../failure.ts';
import type { Deployed, DeployedPart } from './judge-contract.ts';

type Place = Pick<Cloud, 'client' | 'installation' | 'local' | 'region' | 'account'>;

/** @throws the error of a service that does not answer */
export async function readDeployed(place: Place): Promise<Deployed> {
  const read = await readParameter(place, installationParameterName(place.installation), installationParameter);
  if (read.state !== 'absent') return read;
  return (await hasTable(place)) ? { state: 'older' } : { state: 'none' };
}

/** @param part as of contractParameterName @throws the error of a service that does not answer */
export const readPart = (place: Place, part: string): Promise<DeployedPart> =>
  readParameter(place, contractParameterName(place.installation, part), partParameter);

type Read<T> = ({ readonly state: 'known' } & T) | { readonly state: 'absent' } | { readonly state: 'unread'; readonly reason: string };

async function readParameter<T extends PartParameter>({ client }: Place, Name: string, schema: z.ZodMiniType<T>): Promise<Read<T>> {
  const ssm = new SSMClient(client);
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    const value = parameterOf(Parameter?.Value ?? '', schema);
    return value ? { ...value, state: 'known' } : { state: 'unread', reason: `the value of ${Name} is not one that Holdfast writes` };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'ParameterNotFound') return { state: 'absent' };
    if (isDenied(error)) return { state: 'unread', reason: error.message.split('\n')[0] ?? error.name };
    throw error;
  } finally {
    ssm.destroy();
  }
}

/** Undefined for what Holdfast does not write: a command would believe what it says of the contract. */
function parameterOf<T>(text: string, schema: z.ZodMiniType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Whether the place has an installation from before the parameter: those have a table of records. Its policies do not allow reading this
 * record, so a denied call counts as a table.
 */
async function hasTable({ client, installation }: Place): Promise<boolean> {
  try {
    await readRecord(client, recordsTableName(installation));
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'ResourceNotFoundException') return false;
    if (isDenied(error)) return true;
    throw error;
  }
}

async function readRecord(client: Place['client'], table: string): Promise<InstallationRecord | undefined> {
  const dynamo = new DynamoDBClient(client);
  try {
    const records = createRecordsTable(sdkDynamoCalls(DynamoDBDocumentClient.from(dynamo)), table);
    return await records.get<InstallationRecord>(recordKeys.installation());
  } finally {
    dynamo.destroy();
  }
}

/** @throws CommandFailure NoConfiguration */
async function readRecorded(place: Place, { configuration }: InstallationParameter): Promise<InstallationRecord> {
  const record = await readRecord(place.client, configuration.table);
  if (record) return record;
  throw badInput(
    'NoConfiguration',
    `${configuration.table} has no configuration of installation ${place.installation}. Nothing was changed. Deploy it again with "npx --no cdk deploy --all", or use --config.`,
  );
}

/**
 * The configuration that the installation was deployed with, with every default.
 * @throws CommandFailure NoConfiguration; InvalidConfiguration for what another version of Holdfast recorded
 */
export async function readConfiguration(place: Place, parameter: InstallationParameter): Promise<HoldfastConfig> {
  const { configuration, version } = await readRecorded(place, parameter);
  return parseConfig(configuration, `the configuration of installation ${place.installation}, deployed by Holdfast ${version},`);
}

/** Undefined where no configuration is on record. */
export async function readConfigurationIfAny(place: Place): Promise<HoldfastConfig | undefined> {
  const deployed = await readDeployed(place);
  const unlessNone = (error: Error): undefined => {
    if (!(error instanceof CommandFailure && error.code === 'NoConfiguration')) throw error;
  };
  return deployed.state === 'known' ? readConfiguration(place, deployed).catch(unlessNone) : undefined;
}

interface RecordedParts {
  readonly fleets: object;
  readonly incidents?: { readonly enabled?: boolean };
}

/** Names of the fleets that are deployed, by whatever version. @throws CommandFailure NoConfiguration */
export async function readFleets(place: Place, parameter: InstallationParameter): Promise<RecordedParts> {
  const { configuration } = await readRecorded(place, parameter);
  return JSON.parse(configuration) as RecordedParts;
}

/**
 * The deployed contract of every part that commands start, by the part's name: each fleet, the store, and incidents where they are enabled.
 * If the configuration cannot be read, only those of the chosen fleet and the store.
 * @throws the error of a service that does not answer
 */
export async function readParts(
  place: Place & Pick<Cloud, 'fleet'>,
  parameter: InstallationParameter,
): Promise<Record<string, DeployedPart>> {
  const { fleets, incidents } = await readFleets(place, parameter).catch((error: Error): RecordedParts => {
    if (error instanceof CommandFailure || isDenied(error) || error.name === 'ResourceNotFoundException')
      return { fleets: { [place.fleet]: {} } };
    throw error;
  });
  const parts = [...Object.keys(fleets), STORE_PART, ...(incidents?.enabled ? [INCIDENTS_PART] : [])];
  return Object.fromEntries(await Promise.all(parts.map(async (part) => [part, await readPart(place, part)] as const)));
}
