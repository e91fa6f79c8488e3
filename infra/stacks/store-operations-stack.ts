import { Stack, type StackProps, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { replicationGroupId, storeFunctionName } from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import type { NamedStore } from '../config/store.ts';
import type { HoldfastConfig } from '../config.ts';
import { Collector } from '../constructs/collector.ts';
import type { Network, Part } from '../constructs/network.ts';
import { storeRecords } from '../constructs/own-records.ts';
import { RecordsWidget } from '../constructs/records-widget.ts';
import { storeAlarms } from '../constructs/store-alarms.ts';
import { namedNodes, type StoreEndpoint } from '../constructs/store-endpoint.ts';
import { StoreSweeper } from '../constructs/store-sweeper.ts';
import type { StoreNodes } from '../dashboards/node-metrics.ts';
import { storeDashboards } from '../dashboards/store-dashboards.ts';
import type { ReleasesStack } from './releases-stack.ts';

export interface StoreOperationsStackProps extends StackProps {
  readonly config: HoldfastConfig;
  readonly network: Part<Network>;
  readonly store: Part<StoreEndpoint>;
  /** A store that is there. One that Holdfast makes has its collector in its own stack. */
  readonly named: NamedStore | undefined;
  readonly releases: ReleasesStack;
  /** What every alarm tells. */
  readonly alarmsTopic: sns.ITopic;
}

/** What watches the session store of an installation and keeps it in order, be it made or named. */
export class StoreOperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: StoreOperationsStackProps) {
    super(scope, id, props);
    const { config, named, releases } = props;
    const { installation, watch } = config;
    const network = props.network(this);
    const store = props.store(this);
    const sweeper = new StoreSweeper(this, 'Sweep', { config, network, store, releases });
    if (named) new Collector(this, 'Collector', { config, network, store, nodes: namedNodes(named), releases });
    const alarms = storeAlarms(this, { installation, topic: props.alarmsTopic, collectMinutes: watch.collectMinutes });
    sweeper.startOn(alarms['keys-without-ttl']);
    const sweeps = new RecordsWidget(this, 'LatestSweeps', {
      functionName: storeFunctionName(installation, WIDGET_ROLES.sweeps),
      title: 'Latest sweeps',
      entry: 'functions/widgets/handlers/sweeps.ts',
      records: releases.records,
      reads: ['dynamodb:Query'],
      which: storeRecords(),
      logRetentionDays: config.logRetentionDays,
    });
    storeDashboards(this, {
      installation,
      fleets: Object.keys(config.fleets),
      alarms: Object.values(alarms),
      nodes: nodesOf(config),
      latestSweeps: sweeps.widget,
    });
  }
}

/** Whose metrics ElastiCache publishes: nobody names the nodes of a store that is no replication group. */
function nodesOf({ installation, store }: HoldfastConfig): StoreNodes | undefined {
  if (!store.existing) return { replicationGroupId: replicationGroupId(installation), count: 1 + store.replicas };
  const { replicationGroupId: id, replicas } = store.existing;
  return id === undefined ? undefined : { replicationGroupId: id, count: 1 + replicas };
}
