import {
  CfnOutput,
  Duration,
  aws_ec2 as ec2,
  aws_elasticache as elasticache,
  aws_iam as iam,
  aws_kms as kms,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
  type StackProps,
  aws_secretsmanager as secretsmanager,
  aws_sns as sns,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { replicationGroupId } from '../../functions/shared/naming.ts';
import type { CreatedStore } from '../config/store.ts';
import type { HoldfastConfig } from '../config.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { Collector } from '../constructs/collector.ts';
import { MONITORING_USER } from '../constructs/monitoring-user.ts';
import type { Network, Part } from '../constructs/network.ts';
import { StoreAccess } from '../constructs/store-access.ts';
import { iamSignIn, type StoreEndpoint, type StoreUser } from '../constructs/store-endpoint.ts';
import type { ReleasesStack } from './releases-stack.ts';

const PORT = 6379;

export interface SessionStoreStackProps extends StackProps {
  readonly config: HoldfastConfig;
  readonly store: CreatedStore;
  readonly network: Part<Network>;
  readonly releases: ReleasesStack;
}

/** An ElastiCache replication group: one primary, replicas in other zones, TLS, users, automatic failover; and what reads it. */
export class SessionStoreStack extends Stack {
  private readonly endpoint: Omit<StoreEndpoint, 'signIn'>;
  private readonly userNames: Readonly<Record<StoreUser, string>>;
  private readonly groupId: string;

  constructor(scope: Construct, id: string, props: SessionStoreStackProps) {
    super(scope, id, props);
    const { config, store } = props;
    const network = props.network(this);
    const { vpc, storeSubnets } = network;
    const ephemeral = config.retention === 'ephemeral';
    const groupId = replicationGroupId(config.installation);
    this.groupId = groupId;

    const key = new kms.Key(this, 'Key', {
      description: `Sessions of ${config.installation}, at rest`,
      enableKeyRotation: true,
      removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      pendingWindow: Duration.days(7),
    });
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: `Session store of ${config.installation}`,
      allowAllOutbound: false,
    });
    const subnetGroup = new elasticache.CfnSubnetGroup(this, 'SubnetGroup', {
      description: `Isolated subnets of ${config.installation}`,
      subnetIds: vpc.selectSubnets(storeSubnets).subnetIds,
      cacheSubnetGroupName: groupId,
    });
    const parameterGroup = new elasticache.CfnParameterGroup(this, 'ParameterGroup', {
      cacheParameterGroupFamily: parameterGroupFamily(store.engine, store.engineVersion),
      description: `Session store of ${config.installation}: only keys that expire may be evicted`,
      properties: { 'maxmemory-policy': store.evictionPolicy, 'notify-keyspace-events': 'gxE' },
    });
    const secretOf = (id: string, username: string, whose: string) =>
      new secretsmanager.Secret(this, id, {
        description: `${whose} of the session store of ${config.installation}`,
        generateSecretString: {
          secretStringTemplate: JSON.stringify({ username }),
          generateStringKey: 'password',
          excludePunctuation: true,
          passwordLength: 40,
        },
        removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      });
    const applicationSecret = secretOf('ApplicationSecret', 'application', "The application's user");
    const monitoringSecret = store.monitoringUser ? secretOf('MonitoringSecret', MONITORING_USER, "redis_exporter's user") : undefined;
    if (monitoringSecret) {
      new CfnOutput(this, 'MonitoringSecretArn', {
        description: "Secret with the password of redis_exporter's user: ops/monitoring/README.md",
        value: monitoringSecret.secretArn,
      });
    }
    const access = new StoreAccess(this, 'Access', { installation: config.installation, store, applicationSecret, monitoringSecret });
    const events = this.eventTopic(config);
    const engineLog = new logs.LogGroup(this, 'EngineLog', {
      logGroupName: `/aws/elasticache/${groupId}/engine`,
      retention: config.logRetentionDays as logs.RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const group = new elasticache.CfnReplicationGroup(this, 'ReplicationGroup', {
      replicationGroupId: groupId,
      replicationGroupDescription: `Sessions of ${config.installation}`,
      engine: store.engine,
      engineVersion: store.engineVersion,
      cacheNodeType: store.nodeType,
      cacheParameterGroupName: parameterGroup.ref,
      cacheSubnetGroupName: subnetGroup.ref,
      securityGroupIds: [securityGroup.securityGroupId],
      numCacheClusters: 1 + store.replicas,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      port: PORT,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      kmsKeyId: key.keyArn,
      userGroupIds: [access.userGroup.ref],
      snapshotRetentionLimit: store.snapshotRetentionDays,
      snapshotWindow: '03:00-04:00',
      preferredMaintenanceWindow: 'sun:05:00-sun:06:00',
      autoMinorVersionUpgrade: true,
      notificationTopicArn: events.topicArn,
      // The engine log alone: the slow log quotes commands, and so session ids.
      logDeliveryConfigurations: [
        {
          logType: 'engine-log',
          logFormat: 'json',
          destinationType: 'cloudwatch-logs',
          destinationDetails: { cloudWatchLogsDetails: { logGroup: engineLog.logGroupName } },
        },
      ],
    });
    group.addResourceDependency(access.userGroup);
    group.applyRemovalPolicy(ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.SNAPSHOT);

    acknowledge(this, {
      'AwsSolutions-SMG4':
        'Servers read the password when they start, so a rotation needs a deploy beside it; docs/operator-runbook.md has the order.',
      'AwsSolutions-AEC5': 'Clients are let in by security group and user, not by an unusual port.',
      'AwsSolutions-AEC6': 'Users sign in by RBAC (a user group with narrow access strings), which replaces the single AUTH token.',
    });

    this.endpoint = {
      host: group.attrPrimaryEndPointAddress,
      port: group.attrPrimaryEndPointPort,
      rulePort: PORT,
      tls: true,
      replicas: store.replicas,
      isNamed: false,
      securityGroup,
      application: { userName: access.applicationUserName, secret: applicationSecret },
    };
    this.userNames = access.userNames;
    new Collector(this, 'Collector', {
      config,
      network,
      store: this.endpointFor(this),
      nodes: { hosts: group.attrReadEndPointAddresses, ports: group.attrReadEndPointPorts },
      releases: props.releases,
    });
  }

  /** The store as `client` sees it. */
  endpointFor(client: Construct): StoreEndpoint {
    const signIn = (user: StoreUser) => iamSignIn(Stack.of(client), this.groupId, this.userNames[user]);
    return { ...this.endpoint, signIn: { deploy: signIn('deploy'), collect: signIn('collect'), sweep: signIn('sweep') } };
  }

  /** Where ElastiCache tells of failovers and replaced nodes. It publishes to unencrypted topics of the own account only. */
  private eventTopic(config: HoldfastConfig): sns.Topic {
    const topic = new sns.Topic(this, 'Events', {
      topicName: `${replicationGroupId(config.installation)}-events`,
      displayName: `Session store of ${config.installation}: failovers and replaced nodes`,
    });
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AccountPublishes',
        principals: [new iam.AnyPrincipal()],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceOwner': this.account } },
      }),
    );
    acknowledge(topic, {
      'AwsSolutions-SNS3': 'ElastiCache is the publisher; a rule on transport that it does not meet would silence failovers.',
    });
    return topic;
  }
}

/** Parameter group family of an engine version: `valkey8`, `redis7`, `valkey7`. */
function parameterGroupFamily(engine: CreatedStore['engine'], version: string): string {
  return `${engine}${version.split('.')[0]}`;
}
