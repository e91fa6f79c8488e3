import type { aws_elasticloadbalancingv2 as elbv2, aws_iam as iam, Stack, StackProps, aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { releasesBucketName } from '../../functions/shared/naming.ts';
import { type FleetUserDataProps, fleetUserData } from '../../server/user-data/user-data.ts';
import { createsGroup, createsLoadBalancer, hasAwsAccess, keepsSessionsInMemory, retainsServers } from '../config/fleet.ts';
import type { NamedFleet } from '../config.ts';
import { accountOf, acknowledge, wildcard } from '../constructs/acknowledge.ts';
import { canaryAlarms } from '../constructs/canary/canary-alarms.ts';
import { ScheduledCanary } from '../constructs/canary/scheduled-canary.ts';
import type { HoldfastFunction } from '../constructs/holdfast-function.ts';
import { changeMachinesLast } from '../constructs/machines-last.ts';
import type { Network, Part } from '../constructs/network.ts';
import type { FleetSessions, StoreEndpoint } from '../constructs/store/store-endpoint.ts';
import { environmentParameter, environmentReasons } from '../constructs/variables.ts';
import { deadLetterAlarm } from '../constructs/watch-alarm.ts';
import { CriticalActions } from '../constructs/web-tier/critical-actions.ts';
import type { DrainFrontArns } from '../constructs/web-tier/drain-front.ts';
import { instanceRole } from '../constructs/web-tier/instance-role.ts';
import { Lifecycle } from '../constructs/web-tier/lifecycle.ts';
import { type Members, membersOf } from '../constructs/web-tier/members.ts';
import { fleetSecurityGroups, retainedServersAlarm, serverGroup } from '../constructs/web-tier/server-group.ts';
import { storeWitness } from '../constructs/web-tier/store-witness.ts';
import { webFront } from '../constructs/web-tier/web-front.ts';
import { webTierAlarms } from '../constructs/web-tier/web-tier-alarms.ts';
import { webTierDashboard } from '../dashboards/fleet-dashboards.ts';
import { HoldfastStack } from './holdfast-stack.ts';
import type { ReleasesStack } from './releases-stack.ts';

export interface WebTierStackProps extends StackProps, NamedFleet {
  readonly network: Part<Network>;
  readonly store: Part<StoreEndpoint>;
  readonly releases: ReleasesStack;
  readonly alarmsTopic: sns.ITopic;
}

/**
 * One fleet: the load balancer and the servers, each as far as it does not exist already; the alarms that a deploy watches;
 * and, for an Auto Scaling group, what installs the current release on a new instance.
 */
export class WebTierStack extends HoldfastStack {
  readonly targetGroupArn: string;
  readonly members: Members;
  /** The rule and group that keep sessions on a draining server; undefined for a fleet whose deploys do not wait for sessions. */
  readonly drain: Part<DrainFrontArns> | undefined;
  /** The rule and group of session gates; undefined for a fleet whose deploys have none. */
  readonly gate: Part<DrainFrontArns> | undefined;
  /** Name of the parameter with the list of the application's variables; undefined without any. */
  readonly environmentParameter: string | undefined;
  /** What uses the store from the servers' network; undefined where their security group is not known. */
  readonly witness: HoldfastFunction | undefined;
  /** Alarms that a deploy watches while it settles. */
  readonly alarmNames: readonly string[];

  constructor(scope: Construct, id: string, props: WebTierStackProps) {
    super(scope, id, props);
    const { config, fleetName, fleet } = props;
    const named = { config, fleetName, fleet };
    const network = props.network(this);
    const store = props.store(this);

    const securityGroups = fleetSecurityGroups(this, props, network, store);
    const front = webFront(this, { ...named, network, securityGroup: securityGroups.loadBalancer });
    const { targetGroup, drainTargetGroupArn } = front;
    this.targetGroupArn = targetGroup.targetGroupArn;
    this.drain = front.drain;
    this.gate = front.gate;
    const sessions = store.sessionsOf(fleetName);
    const criticalActions = fleet.incidents.criticalActions ? new CriticalActions(this, 'CriticalActions', props) : undefined;
    const { installation } = config;
    const list = environmentParameter(this, { installation, fleetName, fleet });
    this.environmentParameter = list?.name;
    const userData = userDataOf(this, props, store, sessions, { criticalActions, environmentParameter: this.environmentParameter });
    this.members = membersOf(this, props, userData);
    const lifecycle = this.lifecycle(props, drainTargetGroupArn);
    const role = createsGroup(fleet) || fleet.existing?.instanceRoleName ? instanceRole(this, props, sessions) : undefined;
    if (role) {
      // A server that starts meanwhile may read what a new list names.
      list?.node.addDependency(role);
      criticalActions?.grantApplication(role);
    }
    const { keyPrefix, witness: signIn } = sessions;
    const securityGroup = securityGroups.servers;
    this.witness = securityGroup && signIn && storeWitness(this, { ...named, network, store, keyPrefix, signIn, securityGroup });
    if (createsGroup(fleet) && role && securityGroups.servers) {
      const group = serverGroup(this, { ...named, fleet, network, securityGroup: securityGroups.servers, role, userData });
      group.attachToApplicationTargetGroup(targetGroup);
      lifecycle?.attach(group);
    } else {
      lifecycle?.attach();
    }
    acknowledge(this, this.reasons(props, role));

    this.alarmNames = this.watch(props, targetGroup, lifecycle);
    changeMachinesLast(this, { starters: lifecycle?.hooks ?? [] });
  }

  /** Only an Auto Scaling group has a lifecycle: nothing else launches or terminates servers. */
  private lifecycle({ config, fleetName, fleet, releases }: WebTierStackProps, drainTargetGroupArn: string | undefined) {
    const { members, targetGroupArn } = this;
    const { autoScalingGroupName } = members;
    if (autoScalingGroupName === undefined) return undefined;
    const servers = { config, fleetName, fleet, releases, members, autoScalingGroupName, targetGroupArn };
    return new Lifecycle(this, 'Lifecycle', { ...servers, drainTargetGroupArn });
  }

  /** Alarms and the dashboard that shows them. @returns names of the alarms that a deploy watches */
  private watch(props: WebTierStackProps, targetGroup: elbv2.IApplicationTargetGroup, lifecycle: Lifecycle | undefined): readonly string[] {
    const { config, fleetName, fleet, releases, alarmsTopic: topic } = props;
    const { installation } = config;
    const { canary } = fleet;
    const sharesLoadBalancer = !createsLoadBalancer(fleet);
    const { loggedOutPercent } = fleet.incidents;
    const place = { installation, fleetName, topic };
    const responses = { installation, fleetName, targetGroup, loggedOutPercent, hasStore: !keepsSessionsInMemory(fleet) };
    const alarms = webTierAlarms(this, { ...place, ...responses, sharesLoadBalancer });
    const deadLetters = lifecycle ? [deadLetterAlarm(this, place, 'lifecycle-dead-letters', lifecycle.deadLetters)] : [];
    const retained = retainsServers(fleet) ? [retainedServersAlarm(this, place)] : [];
    const examined = canary && {
      widget: new ScheduledCanary(this, 'Canary', { config, fleetName, fleet, canary, releases }).widget,
      alarms: canaryAlarms(this, place, canary.everyMinutes),
      everyMinutes: canary.everyMinutes,
    };
    webTierDashboard(this, { ...responses, alarms: [...alarms.all, ...deadLetters, ...retained], canary: examined });
    return alarms.watchedByDeploys.map(({ alarmName }) => alarmName);
  }

  /** Findings of cdk-nag that are accepted, by what the stack contains. */
  private reasons({ config: { installation }, fleetName, fleet }: WebTierStackProps, role: iam.IRole | undefined): Record<string, string> {
    return {
      ...(createsLoadBalancer(fleet) && {
        'AwsSolutions-EC23': 'The load balancer is public by intent: ports 80 and 443 are open to everyone.',
        'AwsSolutions-ELB2':
          'Access logs contain no cookies, so they cannot show a session; an account that needs them sets its own bucket on the load balancer.',
      }),
      ...(createsGroup(fleet) && {
        'AwsSolutions-AS3': 'Scaling events reach EventBridge without a topic; the lifecycle rules subscribe to them there.',
        'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]':
          'AWS keeps AmazonSSMManagedInstanceCore in step with its agent; a copy would become outdated.',
      }),
      ...(role && environmentReasons(this, { installation, fleetName, fleet })),
      ...(role && {
        [wildcard(this, 's3', `${releasesBucketName(installation, accountOf(this), this.region)}/${fleetName}/*`)]:
          "A server reads every release of its own fleet: the wildcard is limited to the fleet's prefix.",
      }),
    };
  }
}

function userDataOf(
  { region }: Stack,
  { config: { installation }, fleetName, fleet }: WebTierStackProps,
  store: StoreEndpoint,
  { keyPrefix, application }: FleetSessions,
  secrets: Pick<FleetUserDataProps, 'environmentParameter'> & {
    readonly criticalActions: CriticalActions | undefined;
  },
): string {
  return fleetUserData({
    port: fleet.port,
    storeHost: store.host,
    storePort: store.port,
    storeTls: store.tls,
    storeUser: application?.userName ?? '',
    storeSecretArn: application?.secret.secretArn ?? '',
    storeKeyPrefix: keyPrefix,
    region,
    awsAccess: hasAwsAccess(fleet),
    ...secrets,
    runtimePackages: fleet.runtimePackages,
    replacesService: fleet.existing?.replacesService,
    bundlesOf:
      fleet.app?.kind === 'bundle'
        ? { application: fleet.app.applicationName ?? installation, group: fleet.app.deploymentGroupName ?? fleetName }
        : undefined,
    placeholder: createsGroup(fleet) ? { installation, fleetName, healthPath: fleet.healthPath } : undefined,
  });
}
