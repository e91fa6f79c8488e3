/**
 * What the collecting functions may read. A source that needs a permission has its own block in {@link allowCollecting}, named after it;
 * what it needs to know has its place in {@link IncidentParts.collectEnvironment}.
 */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CRITICAL_ACTIONS_TABLE } from '../../../functions/incidents/contract/environment.ts';
import { criticalActionsTableName } from '../../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { canaryRecords, changesLookUp, incidentSecrets, ownRecordsOf, storeRecords } from '../records-table.ts';
import { type StoreClient, storeClient } from '../store/store-client.ts';
import { allowFleets, allowWitnesses, type IncidentParts, knownReplicationGroup } from './incident-fleets.ts';
import { allowObjects } from './incident-permissions.ts';
import { allowReadingLogs } from './read-logs-document.ts';

export function allowCollecting(fn: HoldfastFunction, { config, releases, webTiers }: IncidentParts): void {
  allowCommon(fn, config, releases);
  allowFleets(fn, config);
  const fleets = Object.keys(config.fleets);
  // deploys: each fleet's records. balancer: the contract of the current release.
  if (fleets.length > 0)
    fn.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], [releases.records.tableArn], ownRecordsOf(fleets));
  // servers: the document on each fleet's servers.
  allowReadingLogs(fn, { config, webTiers });
  // readings: GetItem. sweeps: the others.
  fn.allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], [releases.records.tableArn], storeRecords());
  // balancer, traffic, changes.
  if (fleets.length > 0) {
    fn.allow(
      [
        'elasticloadbalancing:DescribeListeners',
        'elasticloadbalancing:DescribeRules',
        'elasticloadbalancing:DescribeTargetGroupAttributes',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeTargetHealth',
      ],
      ['*'],
    );
    fn.allow(['cloudwatch:GetMetricData'], ['*']);
  }
  fn.allow(['cloudtrail:LookupEvents'], ['*']);
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [releases.records.tableArn], changesLookUp());
  const hasGroup = Object.values(webTiers).some(({ members }) => members.autoScalingGroupName !== undefined);
  if (hasGroup) fn.allow(['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeScalingActivities'], ['*']);
  allowStoreGroup(fn, config);
  allowCounting(fn, config);
  allowCanaries(fn, config, releases);
  allowWitnesses(fn, { config, webTiers });
}

/** canary: what it found, by BatchGetItem. */
function allowCanaries(fn: HoldfastFunction, { fleets }: HoldfastConfig, releases: ReleasesStack): void {
  const watched = Object.keys(fleets).filter((name) => fleets[name]?.canary);
  if (watched.length > 0) fn.allow(['dynamodb:BatchGetItem'], [releases.records.tableArn], canaryRecords(...watched));
}

/** criticalActions: of each fleet's table, only the index that has no content. */
function allowCounting(fn: HoldfastFunction, { installation, fleets }: HoldfastConfig): void {
  const stack = Stack.of(fn);
  const indexes = Object.entries(fleets)
    .filter(([, { incidents }]) => incidents.criticalActions)
    .map(([name]) =>
      stack.formatArn({
        service: 'dynamodb',
        resource: 'table',
        resourceName: `${criticalActionsTableName(installation, name)}/index/${CRITICAL_ACTIONS_TABLE.pendingIndex.name}`,
      }),
    );
  if (indexes.length > 0) fn.allow(['dynamodb:Query'], indexes);
}

/** storeGroup. DescribeEvents knows no narrower resource. */
function allowStoreGroup(fn: HoldfastFunction, config: HoldfastConfig): void {
  const group = knownReplicationGroup(config);
  if (group === undefined) return;
  const stack = Stack.of(fn);
  const arn = stack.formatArn({
    service: 'elasticache',
    resource: 'replicationgroup',
    resourceName: group,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  fn.allow(['elasticache:DescribeReplicationGroups'], [arn]);
  fn.allow(['elasticache:DescribeEvents'], ['*']);
}

export function allowCollectingStore(fn: HoldfastFunction, { config, releases }: IncidentParts): void {
  allowCommon(fn, config, releases);
  // store: the nodes that the collector has on record.
  fn.allow(['dynamodb:GetItem'], [releases.records.tableArn], storeRecords());
}

/** The key of the hashes, and the place for what was found. */
function allowCommon(fn: HoldfastFunction, { installation }: HoldfastConfig, releases: ReleasesStack): void {
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [releases.records.tableArn], incidentSecrets());
  allowObjects(fn, installation, 's3:PutObject');
}

/** The collecting function's place in the VPC, and its sign-in to the store. */
export function storeCollector(scope: Construct, { network, store }: IncidentParts): StoreClient {
  return storeClient(Stack.of(scope), {
    network,
    store,
    user: 'incidents',
    name: 'Incidents',
    description: 'Incidents read the session store',
    securityGroupId: 'IncidentsSecurityGroup',
    usesGatewayEndpoints: true,
  });
}
