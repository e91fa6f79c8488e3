/** What a command reads and calls in its cloud. It opens what it needs, and no other client is made. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type CanaryRecord, readCanary } from '../functions/canary/contract/canary-records.ts';
import { dynamoStoreRecords, type StoreRecords } from '../functions/collect/store-records.ts';
import type { GateRecord } from '../functions/gate/contract.ts';
import { dynamoIncidentRecords } from '../functions/incidents/records/dynamo-incident-records.ts';
import type { IncidentRecords } from '../functions/incidents/records/incident-records.ts';
import type { DynamoCalls } from '../functions/records/dynamo-calls.ts';
import { dynamoRecords } from '../functions/records/dynamo-records.ts';
import { recordKeys } from '../functions/records/keys.ts';
import type { Records } from '../functions/records/records.ts';
import { createRecordsTable } from '../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../functions/records/sdk-dynamo-calls.ts';
import { regionalArn } from '../functions/shared/aws/partition.ts';
import { deployStateMachineName, recordsTableName, releasesBucketName, sweepStateMachineName } from '../functions/shared/naming.ts';
import { dynamoSweepRecords, type SweepRecords } from '../functions/sweep/sweep-records.ts';
import type { Cloud } from './cloud.ts';
import { nameMissingPolicy } from './name-missing-policy.ts';

export interface Stores {
  readonly records: Records;
  readonly sweeps: Pick<SweepRecords, 'getSweep' | 'latestSweeps' | 'findSweeps' | 'getCheckpoint'>;
  readonly incidents: Pick<IncidentRecords, 'getIncident' | 'latestIncidents' | 'findIncidents'>;
  readonly store: Pick<StoreRecords, 'getStore' | 'getUnreachable'>;
  /** What the fleet's canary found; undefined without one. */
  readonly canary: () => Promise<CanaryRecord | undefined>;
  /** What session gates found, latest first: the last few. */
  readonly gates: () => Promise<readonly GateRecord[]>;
  readonly stepFunctions: SFNClient;
  readonly s3: S3Client;
}

/** A cloud with what was opened of it; without names everything, for functions that pick. */
export type OpenCloud<Name extends keyof Stores = keyof Stores> = Cloud & Pick<Stores, Name>;

const MOST_GATES = 5;

type Installed = Pick<Cloud, 'installation' | 'fleet'>;
type Reached = Pick<Cloud, 'client' | 'local'> & Installed;
interface Table {
  readonly dynamo: DynamoCalls;
  readonly name: string;
}

const OPENED: { readonly [Name in keyof Stores]: (cloud: Reached, table: () => Table) => Stores[Name] } = {
  records: (_cloud, table) => dynamoRecords(table().dynamo, table().name),
  sweeps: (_cloud, table) => dynamoSweepRecords(createRecordsTable(table().dynamo, table().name)),
  incidents: (_cloud, table) => dynamoIncidentRecords(createRecordsTable(table().dynamo, table().name)),
  store: (_cloud, table) => dynamoStoreRecords(createRecordsTable(table().dynamo, table().name)),
  canary: ({ fleet }, table) => {
    const records = createRecordsTable(table().dynamo, table().name);
    return () => readCanary(records, fleet);
  },
  gates: (_cloud, table) => async () => {
    const { pk, sk } = recordKeys.gates();
    for await (const page of createRecordsTable(table().dynamo, table().name).queryBackwards<GateRecord>(pk, sk, MOST_GATES)) return page;
    return [];
  },
  stepFunctions: (cloud) => named(cloud, new SFNClient(cloud.client)),
  s3: (cloud) => named(cloud, new S3Client({ ...cloud.client, forcePathStyle: cloud.local, logger: SILENT })),
};

/** Opens what a command uses of its cloud; records share one client. Access that is denied names the fleet's policy that would allow it. */
export function openStores<Name extends keyof Stores>(cloud: Cloud, ...names: readonly Name[]): OpenCloud<Name> {
  let table: Table | undefined;
  const open = () => (table ??= openTable(cloud));
  const opened = names.map((name) => [name, OPENED[name](cloud, open)]);
  return { ...cloud, ...(Object.fromEntries(opened) as Pick<Stores, Name>) };
}

function openTable(cloud: Reached): Table {
  const client = DynamoDBDocumentClient.from(named(cloud, new DynamoDBClient(cloud.client)), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return { dynamo: sdkDynamoCalls(client), name: recordsTableName(cloud.installation) };
}

const named = <T>({ installation, fleet }: Installed, client: T): T => nameMissingPolicy(client, installation, fleet);

const nothing = () => {};
/** The SDK logs a warning about a failed upload that it cannot repeat; the error reports it as well. */
export const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

type Placed = Pick<Cloud, 'account' | 'region'> & Installed;
const stateMachineArn = (cloud: Placed, name: string) => regionalArn('states', cloud, `stateMachine:${name}`);

export const deployStateMachineArnOf = (cloud: Placed): string =>
  stateMachineArn(cloud, deployStateMachineName(cloud.installation, cloud.fleet));
export const sweepStateMachineArnOf = (cloud: Placed): string => stateMachineArn(cloud, sweepStateMachineName(cloud.installation));

export const releasesBucketOf = ({ installation, account, region }: Placed): string => releasesBucketName(installation, account, region);
