import type { StackProps, aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { RECORDS_ENV } from '../../functions/records/keys.ts';
import { functionName } from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import { isBundleFleet } from '../config/app-kind.ts';
import { DeployEvents, deployAlarms } from '../constructs/deploy/deploy-alarms.ts';
import { type DeployFunctionsProps, deployFunctions } from '../constructs/deploy/deploy-functions.ts';
import { allowFunctions } from '../constructs/deploy/deploy-permissions.ts';
import { FleetPolicies } from '../constructs/deploy/fleet-policies.ts';
import { continueFunction, dryRunFunction, endDrainFunction, publishFunction } from '../constructs/deploy/operator-functions.ts';
import { RollingDeploy } from '../constructs/deploy/rolling-deploy.ts';
import { writePartContract } from '../constructs/deployed-installation.ts';
import { createLogGroup } from '../constructs/holdfast-function.ts';
import { changeMachinesLast } from '../constructs/machines-last.ts';
import { ownRecords } from '../constructs/records-table.ts';
import { RecordsWidget } from '../constructs/records-widget.ts';
import { deploysDashboard } from '../dashboards/fleet-dashboards.ts';
import { HoldfastStack } from './holdfast-stack.ts';

export interface DeployStackProps extends StackProps, DeployFunctionsProps {
  readonly alarmsTopic: sns.ITopic;
}

/** The rolling deploy of one fleet: its functions with their permissions, its state machines, and what reports on them. */
export class DeployStack extends HoldfastStack {
  readonly policies: FleetPolicies;
  /** Receives the end of each deploy. */
  readonly deploysTopic: sns.ITopic;

  constructor(scope: Construct, id: string, props: DeployStackProps) {
    super(scope, id, props);
    const { config, fleetName, fleet, releases, webTier, alarmsTopic: topic } = props;
    const { installation } = config;
    const { pollSeconds, reconcileMinutes } = fleet.deploy;

    const functions = deployFunctions(this, props);
    allowFunctions(this, functions, props);
    dryRunFunction(this, props, functions.storeCheck);
    const logGroup = createLogGroup(this, 'StateMachineLogs', `/aws/vendedlogs/states/${installation}-${fleetName}`);
    const rollingDeploy = new RollingDeploy(this, 'RollingDeploy', {
      installation,
      fleet: fleetName,
      functions,
      pollSeconds,
      reconcileMinutes,
      cuts: fleet.deploy.onDrainTimeout === 'cut',
      bundles: isBundleFleet(fleet),
      logGroup,
    });
    publishFunction(this, props);
    const waitsForSessions = webTier.drain !== undefined;
    endDrainFunction(this, props);
    // Deploys that wait for sessions do not stop after their first targets.
    if (!waitsForSessions) continueFunction(this, props);
    this.policies = new FleetPolicies(this, 'Policies', props);

    this.deploysTopic = new DeployEvents(this, 'Events', props, functions.control).topic;
    const alarms = deployAlarms(this, { installation, fleetName, topic }, rollingDeploy, reconcileMinutes);
    const latest = new RecordsWidget(this, 'LatestDeploys', {
      functionName: functionName(installation, fleetName, WIDGET_ROLES.deploys),
      title: `Latest deploys of ${fleetName}`,
      entry: 'functions/widgets/deploys/handler.ts',
      environment: { [RECORDS_ENV.fleet]: fleetName },
      records: releases.records,
      which: ownRecords(fleetName),
    });
    deploysDashboard(this, { installation, fleetName, alarms, latestDeploys: latest.widget, waitsForSessions });
    changeMachinesLast(this, rollingDeploy.order);
    writePartContract(this, installation, fleetName);
  }
}
