import type { aws_cloudwatch as cloudwatch, aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { STORE_PART, storeFunctionName } from '../../functions/shared/naming.ts';
import { INCIDENT_ROWS, WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import { namedSessions } from '../config/session-groups.ts';
import type { ExistingStore } from '../config/store.ts';
import type { HoldfastConfig } from '../config.ts';
import { writePartContract } from '../constructs/deployed-installation.ts';
import { changeMachinesLast } from '../constructs/machines-last.ts';
import type { Network, Part } from '../constructs/network.ts';
import { incidentRecords, storeRecords } from '../constructs/records-table.ts';
import { RecordsWidget } from '../constructs/records-widget.ts';
import { Collector } from '../constructs/store/collector.ts';
import { storeAlarms } from '../constructs/store/store-alarms.ts';
import { existingNodes, type StoreEndpoint } from '../constructs/store/store-endpoint.ts';
import { StorePolicies } from '../constructs/store/store-policies.ts';
import { StoreSweeper, sweepPolicyOf } from '../constructs/store/store-sweeper.ts';
import { storeDashboards, storeMembers } from '../dashboards/store-dashboards.ts';
import { HoldfastStack, type HoldfastStackProps } from './holdfast-stack.ts';
import type { ReleasesStack } from './releases-stack.ts';

export interface StoreOperationsStackProps extends HoldfastStackProps {
  readonly network: Part<Network>;
  readonly store: Part<StoreEndpoint>;
  /** An existing store. A created one has its collector in its own stack. */
  readonly existing: ExistingStore | undefined;
  readonly releases: ReleasesStack;
  readonly alarmsTopic: sns.ITopic;
}

/** What watches and sweeps the session store of an installation, created or existing. */
export class StoreOperationsStack extends HoldfastStack {
  /** Where sessions are named that no fleet deploys. */
  readonly policies: StorePolicies | undefined;

  constructor(scope: Construct, id: string, props: StoreOperationsStackProps) {
    super(scope, id, props);
    const { config, existing, releases } = props;
    const { installation, watch } = config;
    const network = props.network(this);
    const store = props.store(this);
    const sweeper = new StoreSweeper(this, 'Sweep', { config, network, store, releases });
    const collector = existing && new Collector(this, 'Collector', { config, network, store, nodes: existingNodes(existing), releases });
    const isShared = namedSessions(config).length > 0;
    const alarms = storeAlarms(this, {
      installation,
      topic: props.alarmsTopic,
      collectMinutes: watch.collectMinutes,
      policy: sweepPolicyOf(config),
      isShared,
    });
    // Its warm-up begins with the readings. The collector of a created store is older: its stack comes before this one.
    if (collector) alarms['collector-silent'].node.addDependency(collector.schedule);
    sweeper.startOn(alarms['keys-without-ttl']);
    const sweeps = new RecordsWidget(this, 'LatestSweeps', {
      functionName: storeFunctionName(installation, WIDGET_ROLES.sweeps),
      title: 'Latest sweeps',
      entry: 'functions/widgets/sweeps/handler.ts',
      records: releases.records,
      which: storeRecords(),
    });
    storeDashboards(this, {
      installation,
      fleets: Object.keys(config.fleets),
      alarms: Object.values(alarms),
      nodes: storeMembers(config),
      isShared,
      latestSweeps: sweeps.widget,
      latestIncidents: config.incidents.enabled ? this.latestIncidents(config, releases) : undefined,
    });
    this.policies = isShared ? new StorePolicies(this, 'Policies', { config }) : undefined;
    changeMachinesLast(this, { starters: sweeper.schedules });
    writePartContract(this, installation, STORE_PART);
  }

  private latestIncidents({ installation }: HoldfastConfig, { records }: ReleasesStack): cloudwatch.IWidget {
    return new RecordsWidget(this, 'LatestIncidents', {
      functionName: storeFunctionName(installation, WIDGET_ROLES.incidents),
      title: 'Latest incidents',
      entry: 'functions/widgets/incidents/handler.ts',
      records,
      which: incidentRecords(),
      rows: INCIDENT_ROWS,
    }).widget;
  }
}
