/**
 * What the collecting functions may read. A source that needs a permission has its own block in {@link allowCollecting}, named after it;
 * what it needs to know has its place in {@link IncidentParts.collectEnvironment}.
 */
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HoldfastConfig } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { incidentSecrets, ownRecordsOf, storeRecords } from '../records-table.ts';
import { type StoreClient, storeClient } from '../store/store-client.ts';
import type { IncidentParts } from './incident-parts.ts';
import { allowObjects } from './incident-permissions.ts';
import { allowReadingLogs } from './read-logs-document.ts';

export function allowCollecting(fn: HoldfastFunction, { config, releases, webTiers }: IncidentParts): void {
  allowCommon(fn, config, releases);
  // deploys: each fleet's records.
  fn.allow(
    ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
    [releases.records.tableArn],
    ownRecordsOf(Object.keys(config.fleets)),
  );
  // servers: the document on each fleet's servers.
  allowReadingLogs(fn, { config, webTiers });
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
    securityGroupId: 'IncidentsSecurityGroup',
    ingressId: 'StoreFromIncidents',
    description: 'Incidents read the session store',
    ruleDescription: 'Incidents',
    usesGatewayEndpoints: true,
  });
}
