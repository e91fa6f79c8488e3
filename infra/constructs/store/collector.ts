import { Duration, type aws_scheduler as scheduler } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { COLLECT_ENV } from '../../../functions/collect/contract.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { storeFunctionName } from '../../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../../config.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import { HoldfastFunction, invokeEvery } from '../holdfast-function.ts';
import type { Network } from '../network.ts';
import { storeRecords } from '../records-table.ts';
import { storeClient } from './store-client.ts';
import type { StoreEndpoint } from './store-endpoint.ts';

export interface CollectorProps {
  readonly config: HoldfastConfig;
  readonly network: Network;
  readonly store: StoreEndpoint;
  /** Each node's own endpoint, in the form of ElastiCache's attributes: `[a, b]`. Absent: unknown. */
  readonly nodes?: { readonly hosts: string; readonly ports: string } | undefined;
  readonly releases: ReleasesStack;
}

/** An alarm's sweep of some ten million keys has finished by then. */
const SWEEP_SECONDS = 2 * 3_600;

/**
 * Reads every node of the store once a minute. It connects only to the store and the table.
 *
 * It is in the stack that knows the nodes: their list changes with the number of replicas, and CloudFormation cannot change
 * a value that another stack imports.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 */
export class Collector extends Construct {
  readonly schedule: scheduler.CfnSchedule;

  constructor(scope: Construct, id: string, props: CollectorProps) {
    super(scope, id);
    const { config, nodes, releases } = props;
    const { installation, watch, sweep } = config;
    const client = storeClient(this, {
      network: props.network,
      store: props.store,
      user: 'collect',
      name: 'Collector',
      description: 'The collector reads the session store',
      usesGatewayEndpoints: true,
    });
    const collect = new HoldfastFunction(this, 'Collect', {
      functionName: storeFunctionName(installation, 'collect'),
      description: `Session store of ${installation}: reads every node's state`,
      entry: 'functions/collect/handler.ts',
      environment: {
        [RECORDS_ENV.recordsTable]: releases.records.tableName,
        ...client.environment,
        ...(nodes && { [COLLECT_ENV.storeNodes]: nodes.hosts, [COLLECT_ENV.storeNodePorts]: nodes.ports }),
        [COLLECT_ENV.databases]: config.store.databases.join(','),
        [COLLECT_ENV.installation]: installation,
        [COLLECT_ENV.collectMinutes]: String(watch.collectMinutes),
        [COLLECT_ENV.sampleSeconds]: String(watch.sampleSeconds),
        [COLLECT_ENV.sweepOverdueSeconds]: String(watch.sweepOverdueHours * 3_600),
        [COLLECT_ENV.sweepAnswerSeconds]: String(sweep.coolDownMinutes * 60 + SWEEP_SECONDS),
      },
      // All nodes are read at the same time, for 10 s at most; the rest is for the table. The next reading is a minute later.
      timeout: Duration.seconds(45),
      vpc: client.vpc,
      // 43,800 traces a month would cost two thirds of everything else in it, and show only what its log line contains.
      traced: false,
    });
    client.allow(collect);
    collect.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [releases.records.tableArn], storeRecords());
    this.schedule = invokeEvery(this, 'Schedule', {
      name: storeFunctionName(installation, 'collect'),
      description: `Starts each reading of the session store of ${installation}`,
      minutes: watch.collectMinutes,
      fn: collect,
      step: 'collect',
    });
    // The first reading would find no way to the store, and report that no primary answers.
    if (client.ingress) this.schedule.addResourceDependency(client.ingress);
  }
}
