import {
  aws_autoscaling as autoscaling,
  Duration,
  aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elbv2,
  aws_iam as iam,
  Stack,
  type StackProps,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { autoScalingGroupName, releasesBucketName, targetGroupName } from '../../functions/shared/naming.ts';
import type { FleetConfig, HoldfastConfig } from '../config.ts';
import { accountOf, acknowledge, wildcard } from '../constructs/acknowledge.ts';
import { Lifecycle } from '../constructs/lifecycle.ts';
import { webTierAlarms } from '../constructs/web-tier-alarms.ts';
import { fleetUserData } from '../fleet/user-data.ts';
import type { ReleasesStack } from './releases-stack.ts';
import type { StoreEndpoint } from './session-store-stack.ts';

export interface WebTierStackProps extends StackProps {
  readonly config: HoldfastConfig;
  readonly fleetName: string;
  readonly fleet: FleetConfig;
  readonly vpc: ec2.IVpc;
  readonly store: StoreEndpoint;
  readonly releases: ReleasesStack;
}

/** One fleet: load balancer, target group, Auto Scaling group; instances install the fleet's current release as they launch. */
export class WebTierStack extends Stack {
  readonly targetGroupArn: string;
  readonly autoScalingGroupName: string;
  /** Alarms that a deploy watches while it settles. */
  readonly alarmNames: readonly string[];

  constructor(scope: Construct, id: string, props: WebTierStackProps) {
    super(scope, id, props);
    const { config, fleetName, fleet, vpc } = props;
    const publicSubnets = { subnetType: ec2.SubnetType.PUBLIC };

    const loadBalancerGroup = new ec2.SecurityGroup(this, 'LoadBalancerSecurityGroup', {
      vpc,
      description: `Load balancer of ${fleetName}`,
      allowAllOutbound: false,
    });
    const instanceGroup = new ec2.SecurityGroup(this, 'InstanceSecurityGroup', {
      vpc,
      description: `Servers of ${fleetName}`,
      allowAllOutbound: true,
    });
    const appPort = ec2.Port.tcp(fleet.port);
    loadBalancerGroup.addEgressRule(instanceGroup, appPort, 'Servers');
    instanceGroup.addIngressRule(loadBalancerGroup, appPort, 'Load balancer');
    new ec2.CfnSecurityGroupIngress(this, 'StoreFromServers', {
      groupId: props.store.securityGroup.securityGroupId,
      sourceSecurityGroupId: instanceGroup.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: 6379,
      toPort: 6379,
      description: `Servers of ${fleetName}`,
    });

    const targetGroup = new elbv2.ApplicationTargetGroup(this, 'Targets', {
      targetGroupName: targetGroupName(config.installation, fleetName),
      vpc,
      port: fleet.port,
      protocol: elbv2.ApplicationProtocol.HTTP,
      targetType: elbv2.TargetType.INSTANCE,
      deregistrationDelay: Duration.seconds(fleet.deploy.deregistrationDelaySeconds),
      healthCheck: {
        path: fleet.healthPath,
        healthyHttpCodes: '200',
        interval: Duration.seconds(fleet.healthCheckIntervalSeconds),
        timeout: Duration.seconds(fleet.healthCheckTimeoutSeconds),
        healthyThresholdCount: fleet.healthyThreshold,
        unhealthyThresholdCount: fleet.unhealthyThreshold,
      },
    });
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      loadBalancerName: targetGroupName(config.installation, fleetName),
      vpc,
      vpcSubnets: publicSubnets,
      internetFacing: true,
      securityGroup: loadBalancerGroup,
      idleTimeout: Duration.seconds(60),
      dropInvalidHeaderFields: true,
      deletionProtection: config.retention === 'protected',
    });
    this.addListener(loadBalancer, targetGroup, fleet);

    const lifecycle = new Lifecycle(this, 'Lifecycle', { config, fleetName, fleet, releases: props.releases });
    const group = this.autoScalingGroup(props, instanceGroup, publicSubnets);
    group.attachToApplicationTargetGroup(targetGroup);
    lifecycle.attachTo(group);

    acknowledge(this, {
      'AwsSolutions-EC23': 'The load balancer is the public front: ports 80 and 443 are open to everyone by intent.',
      'AwsSolutions-ELB2':
        'Access logs carry no cookies, so they cannot show a session; an account that wants them names its own bucket on the load balancer.',
      'AwsSolutions-AS3': 'Scaling events reach EventBridge without a topic; the lifecycle rules listen there.',
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]':
        'AmazonSSMManagedInstanceCore is what AWS keeps in step with its agent; a copy would fall behind.',
      [wildcard(this, 's3', `${releasesBucketName(config.installation, accountOf(this), this.region)}/${fleetName}/*`)]:
        "A server reads every release of its own fleet: the wildcard is the fleet's prefix.",
    });

    this.targetGroupArn = targetGroup.targetGroupArn;
    this.autoScalingGroupName = group.autoScalingGroupName;
    this.alarmNames = webTierAlarms(this, { installation: config.installation, fleetName, fleet, targetGroup });
  }

  private addListener(loadBalancer: elbv2.ApplicationLoadBalancer, targetGroup: elbv2.ApplicationTargetGroup, fleet: FleetConfig): void {
    if (fleet.certificateArn) {
      loadBalancer.addListener('Https', {
        port: 443,
        protocol: elbv2.ApplicationProtocol.HTTPS,
        certificates: [elbv2.ListenerCertificate.fromArn(fleet.certificateArn)],
        sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
        defaultTargetGroups: [targetGroup],
      });
      loadBalancer.addListener('Http', {
        port: 80,
        defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
      });
    } else {
      loadBalancer.addListener('Http', { port: 80, defaultTargetGroups: [targetGroup] });
    }
  }

  private autoScalingGroup(
    props: WebTierStackProps,
    securityGroup: ec2.ISecurityGroup,
    vpcSubnets: ec2.SubnetSelection,
  ): autoscaling.AutoScalingGroup {
    const { config, fleetName, fleet, store } = props;
    const role = new iam.Role(this, 'InstanceRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: `Servers of ${fleetName}: Systems Manager, their releases, their secret`,
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore')],
    });
    const bucketArn = `arn:${this.partition}:s3:::${releasesBucketName(config.installation, this.account, this.region)}`;
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [`${bucketArn}/${fleetName}/*`] }));
    // aws:downloadContent lists the prefix to tell a file from a folder.
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [bucketArn],
        conditions: { StringLike: { 's3:prefix': `${fleetName}/*` } },
      }),
    );
    store.applicationSecret.grantRead(role);
    const launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      // Resolved at each launch: the newest image, and no look-up at synthesis.
      machineImage: ec2.MachineImage.resolveSsmParameterAtLaunch('/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64'),
      instanceType: new ec2.InstanceType(fleet.instanceType),
      securityGroup,
      role,
      requireImdsv2: true,
      httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
      associatePublicIpAddress: true,
      userData: ec2.UserData.custom(
        fleetUserData({
          port: fleet.port,
          storeHost: store.host,
          storePort: store.port,
          storeTls: true,
          storeUser: 'application',
          storeSecretArn: store.applicationSecret.secretArn,
          region: this.region,
          runtimePackages: fleet.runtimePackages,
        }),
      ),
      blockDevices: [
        { deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(16, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }) },
      ],
    });
    return new autoscaling.AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: autoScalingGroupName(config.installation, fleetName),
      vpc: props.vpc,
      vpcSubnets,
      launchTemplate,
      // No desired capacity: naming one here would reset the group's size at each `cdk deploy`.
      minCapacity: fleet.minCapacity,
      maxCapacity: fleet.maxCapacity ?? fleet.minCapacity + 2,
      healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
        additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
        gracePeriod: Duration.minutes(5),
      }),
    });
  }
}
