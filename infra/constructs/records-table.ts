/** The table of records, and conditions that limit a statement on it to some of them. */
import { aws_dynamodb as dynamodb, RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { recordKeys } from '../../functions/records/keys.ts';
import { recordsTableName } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../config.ts';

/**
 * The policy of resources with data. Those of a protected installation stay when their stack is deleted, but not when its first creation is
 * rolled back: they are empty then, and their names would block the next creation.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export const removalPolicyOf = ({ retention }: Pick<HoldfastConfig, 'retention'>): RemovalPolicy =>
  retention === 'ephemeral' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

export function createRecordsTable(scope: Construct, config: HoldfastConfig): dynamodb.Table {
  const { installation, retention } = config;
  return new dynamodb.Table(scope, 'Records', {
    tableName: recordsTableName(installation),
    partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
    sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: retention === 'protected' },
    removalPolicy: removalPolicyOf(config),
  });
}

/**
 * Allows only this fleet's records: all fleets of an installation share the table.
 * Scan has no leading key and so would pass; no statement allows it.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const ownRecords = (fleet: string): Record<string, unknown> => leadingKeys(recordKeys.fleet(fleet).pk);

export const storeRecords = (): Record<string, unknown> => leadingKeys(recordKeys.storeReading().pk);

export const sweepRecords = (): Record<string, unknown> => leadingKeys(recordKeys.sweep('').pk, recordKeys.sweepSecret().pk);

export const ownRecordsOf = (fleets: readonly string[]): Record<string, unknown> =>
  leadingKeys(...fleets.map((fleet) => recordKeys.fleet(fleet).pk));

export const incidentRecords = (): Record<string, unknown> => leadingKeys(recordKeys.incident('').pk);

export const incidentSecrets = (): Record<string, unknown> => leadingKeys(recordKeys.incidentSecret().pk);

export const changesLookUp = (): Record<string, unknown> => leadingKeys(recordKeys.changesLookUp().pk);

export const canaryRecords = (...fleets: readonly string[]): Record<string, unknown> =>
  leadingKeys(...fleets.map((fleet) => recordKeys.canary(fleet).pk));

export const gateRecords = (): Record<string, unknown> => leadingKeys(recordKeys.gates().pk);

/**
 * Allows only a fleet's records, what its canary found if it has one, the sweeps of the store that it shares, the incidents, and the
 * verdicts of session gates: for policies of users.
 */
export const visibleRecords = (fleet: string, hasCanary: boolean): Record<string, unknown> =>
  leadingKeys(
    recordKeys.fleet(fleet).pk,
    recordKeys.sweep('').pk,
    recordKeys.incident('').pk,
    recordKeys.gates().pk,
    ...(hasCanary ? [recordKeys.canary(fleet).pk] : []),
  );

/** As {@link visibleRecords}, for policies of users where no fleet is. */
export const visibleStoreRecords = (): Record<string, unknown> =>
  leadingKeys(recordKeys.sweep('').pk, recordKeys.incident('').pk, recordKeys.gates().pk);

export const installationRecord = (): Record<string, unknown> => leadingKeys(recordKeys.installation().pk);

const leadingKeys = (...keys: string[]): Record<string, unknown> => ({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys } });
