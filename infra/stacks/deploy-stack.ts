import { ArnFormat, Duration, aws_logs as logs, RemovalPolicy, Stack, type StackProps, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV } from '../../functions/deploy/contract.ts';
import {
  cleanUpStateMachineName,
  deployStateMachineName,
  fleetTagValue,
  functionName,
  rollTargetStateMachineName,
} from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import type { FleetConfig, HoldfastConfig } from '../config.ts';
import { acknowledge, EXECUTION_NAMES, GROUP_IDS, wildcard } from '../constructs/acknowledge.ts';
import { deployAlarms } from '../constructs/deploy-alarms.ts';
import { DeployEvents } from '../constructs/deploy-events.ts';
import { FleetPolicies } from '../constructs/fleet-policies.ts';
import { HoldfastFunction } from '../constructs/holdfast-function.ts';
import { allowCommands } from '../constructs/members.ts';
import type { Network, Part } from '../constructs/network.ts';
import { ownRecords } from '../constructs/own-records.ts';
import { RecordsWidget } from '../constructs/records-widget.ts';
import { RollingDeploy } from '../constructs/rolling-deploy.ts';
import { type StoreClient, storeClient } from '../constructs/store-client.ts';
import type { StoreEndpoint } from '../constructs/store-endpoint.ts';
import { deploysDashboard } from '../dashboards/fleet-dashboards.ts';
import type { ReleasesStack } from './releases-stack.ts';
import type { WebTierStack } from './web-tier-stack.ts';

export interface DeployStackProps extends StackProps {
  readonly config: HoldfastConfig;
  readonly fleetName: string;
  readonly fleet: FleetConfig;
  readonly network: Part<Network>;
  readonly releases: ReleasesStack;
  readonly webTier: WebTierStack;
  readonly store: Part<StoreEndpoint>;
  /** What every alarm tells. */
  readonly alarmsTopic: sns.ITopic;
}

/** The rolling deploy of one fleet: its functions with the narrowest roles that their work needs, and its state machine. */
export class DeployStack extends Stack {
  constructor(scope: Construct, id: string, props: DeployStackProps) {
    super(scope, id, props);
    const { config, fleetName, fleet, releases, webTier } = props;
    const logRetentionDays = config.logRetentionDays as logs.RetentionDays;
    const settings = JSON.stringify({ ...fleet.deploy, alarmNames: [...fleet.deploy.alarmNames, ...webTier.alarmNames] });
    const common = { [ENV.fleet]: fleetName, [ENV.recordsTable]: releases.records.tableName };
    const make = (role: string, description: string, environment: Record<string, string>, extra: { vpc?: HoldfastFunctionVpc } = {}) =>
      new HoldfastFunction(this, pascal(role), {
        functionName: functionName(config.installation, fleetName, `deploy-${role}`),
        description: `Deploys of ${fleetName}: ${description}`,
        entry: `functions/deploy/handlers/${role}.ts`,
        environment: { ...common, ...environment },
        logRetentionDays,
        timeout: Duration.seconds(60),
        ...extra,
      });

    const { members } = webTier;
    const documents = {
      [ENV.waitIdleDocument]: releases.documents.waitIdle,
      [ENV.installDocument]: releases.documents.install,
      [ENV.observeDocument]: releases.documents.observe,
      ...(members.prepareDocument && { [ENV.prepareDocument]: members.prepareDocument }),
    };
    const group = members.autoScalingGroupName;
    // A function that knows targets only has to tell addresses from nodes.
    const targets = group ? {} : members.environment;

    const control = make('control', 'validates, locks, records', { [ENV.deploySettings]: settings });
    const assess = make('assess', 'plans and checks, changing nothing', {
      ...documents,
      [ENV.targetGroupArn]: webTier.targetGroupArn,
      ...members.environment,
    });
    const traffic = make('traffic', 'takes targets out of the load balancer and puts them back', {
      [ENV.targetGroupArn]: webTier.targetGroupArn,
      ...targets,
    });
    const command = make('command', 'runs the documents on instances', {
      ...documents,
      [ENV.targetGroupArn]: webTier.targetGroupArn,
      ...targets,
    });
    const scaling = make('scaling', 'suspends and resumes Auto Scaling', group ? { [ENV.autoScalingGroupName]: group } : {});
    const storeCheck = this.storeCheck(props, make);
    // By name: their definitions name these functions, and neither can come before the other.
    const machine = (name: string) =>
      this.formatArn({ service: 'states', resource: 'stateMachine', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const machines = {
      deploy: machine(deployStateMachineName(config.installation, fleetName)),
      rollTarget: machine(rollTargetStateMachineName(config.installation, fleetName)),
      cleanUp: machine(cleanUpStateMachineName(config.installation, fleetName)),
    };
    const cleanUp = make('clean-up', 'puts right what a deploy left', {
      ...documents,
      [ENV.targetGroupArn]: webTier.targetGroupArn,
      ...targets,
      [ENV.deploySettings]: settings,
      [ENV.deployStateMachineArn]: machines.deploy,
      [ENV.rollTargetStateMachineArn]: machines.rollTarget,
    });
    const reconcile = make('reconcile', 'finds what deploys left: no clean-up, a lock, listener rules', {
      [ENV.targetGroupArn]: webTier.targetGroupArn,
      [ENV.fleetTag]: fleetTagValue(config.installation, fleetName),
      [ENV.deployStateMachineArn]: machines.deploy,
      [ENV.cleanUpStateMachineArn]: machines.cleanUp,
    });

    const useRecords = (fn: HoldfastFunction, ...actions: string[]) =>
      fn.allow(actions, [releases.records.tableArn], ownRecords(fleetName));
    useRecords(control, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    useRecords(assess, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    useRecords(traffic, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    useRecords(command, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    useRecords(scaling, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    // Describe calls of these services know no narrower resource.
    assess.allow(
      [
        'elasticloadbalancing:DescribeTargetHealth',
        ...(group ? ['autoscaling:DescribeAutoScalingGroups'] : []),
        'ssm:DescribeInstanceInformation',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:GetMetricData',
      ],
      ['*'],
    );
    assess.allow(
      ['ssm:DescribeDocument'],
      Object.values(documents).map((name) => this.formatArn({ service: 'ssm', resource: 'document', resourceName: name })),
    );
    traffic.allow(['elasticloadbalancing:DescribeTargetHealth'], ['*']);
    traffic.allow(['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'], [webTier.targetGroupArn]);
    command.allow(['elasticloadbalancing:DescribeTargetHealth'], ['*']);
    command.allow(['ssm:GetCommandInvocation', 'ssm:CancelCommand'], ['*']);
    allowCommands(command, members, Object.values(releases.documents));
    if (group) {
      scaling.allow(['autoscaling:DescribeAutoScalingGroups'], ['*']);
      scaling.allow(
        ['autoscaling:SuspendProcesses', 'autoscaling:ResumeProcesses', 'autoscaling:SetInstanceHealth'],
        [this.formatArn({ service: 'autoscaling', resource: `autoScalingGroup:*:autoScalingGroupName/${group}` })],
      );
      acknowledge(scaling, { [wildcard(this, 'autoscaling', `autoScalingGroup:*:autoScalingGroupName/${group}`)]: GROUP_IDS });
    }
    const executionsOf = (stateMachineArn: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:*`;
    useRecords(cleanUp, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    cleanUp.allow(
      ['elasticloadbalancing:DescribeTargetHealth', 'ssm:ListCommandInvocations', 'ssm:GetCommandInvocation', 'ssm:CancelCommand'],
      ['*'],
    );
    cleanUp.allow(['states:DescribeExecution'], [executionsOf(machines.deploy), executionsOf(machines.cleanUp)]);
    cleanUp.allow(['states:StopExecution'], [executionsOf(machines.rollTarget)]);
    useRecords(reconcile, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    reconcile.allow(['states:DescribeExecution'], [executionsOf(machines.deploy), executionsOf(machines.cleanUp)]);
    reconcile.allow(['states:StartExecution'], [machines.cleanUp]);
    reconcile.allow(
      [
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeListeners',
        'elasticloadbalancing:DescribeRules',
        'elasticloadbalancing:DescribeTags',
      ],
      ['*'],
    );
    for (const name of [deployStateMachineName, rollTargetStateMachineName, cleanUpStateMachineName]) {
      const id = wildcard(this, 'states', `execution:${name(config.installation, fleetName)}:*`);
      acknowledge(cleanUp, { [id]: EXECUTION_NAMES });
      acknowledge(reconcile, { [id]: EXECUTION_NAMES });
    }

    const rollingDeploy = new RollingDeploy(this, 'RollingDeploy', {
      installation: config.installation,
      fleet: fleetName,
      functions: { control, assess, storeCheck, traffic, command, scaling, cleanUp, reconcile },
      pollSeconds: fleet.deploy.pollSeconds,
      prepares: members.prepareDocument !== undefined,
      reconcileMinutes: fleet.deploy.reconcileMinutes,
      logGroup: new logs.LogGroup(this, 'StateMachineLogs', {
        logGroupName: `/aws/vendedlogs/states/${config.installation}-${fleetName}`,
        retention: logRetentionDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    new DeployEvents(this, 'Events', {
      installation: config.installation,
      fleet: fleetName,
      deployStateMachineArn: machines.deploy,
      reporter: control,
    });
    new FleetPolicies(this, 'Policies', { installation: config.installation, fleet: fleetName });
    const alarms = deployAlarms(this, {
      installation: config.installation,
      fleetName,
      rollingDeploy,
      reconcileMinutes: fleet.deploy.reconcileMinutes,
      topic: props.alarmsTopic,
    });
    const latest = new RecordsWidget(this, 'LatestDeploys', {
      functionName: functionName(config.installation, fleetName, WIDGET_ROLES.deploys),
      title: `Latest deploys of ${fleetName}`,
      entry: 'functions/widgets/handlers/deploys.ts',
      environment: { [ENV.fleet]: fleetName },
      records: releases.records,
      reads: ['dynamodb:BatchGetItem', 'dynamodb:Query'],
      which: ownRecords(fleetName),
      logRetentionDays,
    });
    deploysDashboard(this, { installation: config.installation, fleetName, alarms, latestDeploys: latest.widget });
  }

  /** The one function inside the VPC: it talks to the store and to nothing else. */
  private storeCheck(
    props: DeployStackProps,
    make: (role: string, description: string, environment: Record<string, string>, extra: { vpc: HoldfastFunctionVpc }) => HoldfastFunction,
  ): HoldfastFunction {
    const store = props.store(this);
    const client = storeClient(this, {
      network: props.network(this),
      store,
      user: 'deploy',
      securityGroupId: 'StoreCheckSecurityGroup',
      ingressId: 'StoreFromCheck',
      description: 'The deploy looks at the session store',
      ruleDescription: `Store check of ${props.fleetName}`,
    });
    const fn = make(
      'store-check',
      'asks the session store for its replication',
      { ...client.environment, [ENV.storeReplicas]: String(store.replicas) },
      { vpc: client.vpc },
    );
    client.allow(fn);
    return fn;
  }
}

type HoldfastFunctionVpc = StoreClient['vpc'];

const pascal = (name: string): string => name.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
