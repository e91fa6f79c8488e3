import {
  CfnOutput,
  CrossStackReferences,
  Duration,
  aws_ec2 as ec2,
  aws_elasticache as elasticache,
  aws_iam as iam,
  aws_kms as kms,
  type aws_logs as logs,
  ReferenceStrength,
  RemovalPolicy,
  Stack,
  aws_secretsmanager as secretsmanager,
  aws_sns as sns,
  Tags,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { fleetTagValue, replicationGroupId, SESSIONS_TAG } from '../../functions/shared/naming.ts';
import { type SessionGroup, sessionGroupOf, sessionGroups } from '../config/session-groups.ts';
import { applicationUserName } from '../config/session-rules.ts';
import type { CreatedStore } from '../config/store.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { createLogGroup } from '../constructs/holdfast-function.ts';
import type { Network, Part } from '../constructs/network.ts';
import { removalPolicyOf } from '../constructs/records-table.ts';
import { MONITORING_USER } from '../constructs/store/access-strings.ts';
import { Collector } from '../constructs/store/collector.ts';
import { createParameterGroup, StoreAccess } from '../constructs/store/store-access.ts';
import { allUsers, type FleetSessions, type IamUser, iamSignIn, type StoreEndpoint } from '../constructs/store/store-endpoint.ts';
import { HoldfastStack, type HoldfastStackProps } from './holdfast-stack.ts';
import type { ReleasesStack } from './releases-stack.ts';

const PORT = 6379;

export interface SessionStoreStackProps extends HoldfastStackProps {
  readonly store: CreatedStore;
  readonly network: Part<Network>;
  readonly releases: ReleasesStack;
}

interface ReplicationGroupParts {
  readonly securityGroup: ec2.SecurityGroup;
  readonly subnetGroup: elasticache.CfnSubnetGroup;
  readonly parameterGroup: elasticache.CfnParameterGroup;
  readonly key: kms.Key;
  readonly userGroup: elasticache.CfnUserGroup;
  readonly events: sns.Topic;
  readonly engineLog: logs.LogGroup;
}

/** An ElastiCache replication group: one primary, replicas in other zones, TLS, users, automatic failover; and its collector. */
export class SessionStoreStack extends HoldfastStack {
  private readonly endpoint: Omit<StoreEndpoint, 'signIn' | 'sessionsOf'>;
  private readonly sessionsOf: (fleetName: string) => Omit<FleetSessions, 'witness'>;
  private readonly userNames: Readonly<Record<IamUser, string>>;
  private readonly groupId: string;
  private readonly installation: string;
  private readonly removalPolicy: RemovalPolicy;

  constructor(scope: Construct, id: string, props: SessionStoreStackProps) {
    super(scope, id, props);
    const { config, store, releases } = props;
    const { installation } = config;
    const network = props.network(this);
    this.installation = installation;
    this.groupId = replicationGroupId(installation);
    this.removalPolicy = removalPolicyOf(config);

    const key = this.encryptionKey();
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: network.vpc,
      description: `Session store of ${installation}`,
      allowAllOutbound: false,
    });
    const subnetGroup = this.subnetGroup(network);
    const parameterGroup = createParameterGroup(this, installation, store);
    const groups = sessionGroups(config);
    const secrets = new Map(groups.map((group) => [group.name, this.applicationSecret(group)]));
    const secretOf = ({ name }: SessionGroup) => secrets.get(name) as secretsmanager.ISecret;
    const monitoringSecret = store.monitoringUser ? this.monitoringSecret() : undefined;
    const access = new StoreAccess(this, 'Access', { installation, store, groups, secretOf, monitoringSecret });
    const group = this.replicationGroup(store, {
      securityGroup,
      subnetGroup,
      parameterGroup,
      key,
      userGroup: access.userGroup,
      events: this.eventTopic(),
      engineLog: this.engineLog(),
    });
    acknowledge(this, {
      'AwsSolutions-SMG4':
        'Servers read the password when they start, so a rotation needs a restart of each as well; docs/runbook/administration.md lists the steps.',
      'AwsSolutions-AEC5': 'The security group and the users restrict clients, not an unusual port.',
      'AwsSolutions-AEC6': 'Users sign in by RBAC (a user group with narrow access strings), which replaces the single AUTH token.',
    });

    this.endpoint = {
      host: group.attrPrimaryEndPointAddress,
      port: group.attrPrimaryEndPointPort,
      rulePort: PORT,
      ...{ tls: true, replicas: store.replicas, isExisting: false, securityGroup },
    };
    this.sessionsOf = (fleetName) => {
      const group = sessionGroupOf(config, fleetName);
      return { keyPrefix: group.keyPrefix, application: { userName: applicationUserName(group), secret: secretOf(group) } };
    };
    this.userNames = access.userNames;
    const nodes = { hosts: group.attrReadEndPointAddresses, ports: group.attrReadEndPointPorts };
    new Collector(this, 'Collector', { config, network, store: this.endpointFor(this), nodes, releases });
  }

  endpointFor(client: Construct): StoreEndpoint {
    const signIn = (user: IamUser) => iamSignIn(Stack.of(client), this.groupId, this.userNames[user]);
    return {
      ...this.endpoint,
      sessionsOf: (fleetName) => ({ ...this.sessionsOf(fleetName), witness: signIn('witness') }),
      signIn: allUsers(signIn),
    };
  }

  private encryptionKey(): kms.Key {
    return new kms.Key(this, 'Key', {
      description: `Sessions of ${this.installation}, at rest`,
      enableKeyRotation: true,
      removalPolicy: this.removalPolicy,
      pendingWindow: Duration.days(7),
    });
  }

  private subnetGroup({ vpc, storeSubnets }: Network): elasticache.CfnSubnetGroup {
    return new elasticache.CfnSubnetGroup(this, 'SubnetGroup', {
      description: `Isolated subnets of ${this.installation}`,
      subnetIds: vpc.selectSubnets(storeSubnets).subnetIds,
      cacheSubnetGroupName: this.groupId,
    });
  }

  private passwordSecret(id: string, username: string, whose: string): secretsmanager.Secret {
    return new secretsmanager.Secret(this, id, {
      description: `${whose} of the session store of ${this.installation}`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username }),
        generateStringKey: 'password',
        excludePunctuation: true,
        passwordLength: 40,
      },
      removalPolicy: this.removalPolicy,
    });
  }

  /** The tag finds it: two fleets can have similar names. */
  private applicationSecret(group: SessionGroup): secretsmanager.Secret {
    const { name, fleets } = group;
    const secret = this.passwordSecret(
      `ApplicationSecret-${name}`,
      applicationUserName(group),
      `Servers of ${fleets.join(', ')}: their user`,
    );
    Tags.of(secret).add(SESSIONS_TAG, fleetTagValue(this.installation, name));
    // An export that a fleet imports can be neither changed nor deleted, and a fleet that joins or leaves a group changes its secret.
    CrossStackReferences.of(secret).produce(ReferenceStrength.WEAK);
    return secret;
  }

  private monitoringSecret(): secretsmanager.Secret {
    const secret = this.passwordSecret('MonitoringSecret', MONITORING_USER, "redis_exporter's user");
    new CfnOutput(this, 'MonitoringSecretArn', {
      description: "Secret with the password of redis_exporter's user: see ops/monitoring/README.md",
      value: secret.secretArn,
    });
    return secret;
  }

  /**
   * Below `/aws/vendedlogs/` the delivery of logs adds nothing to the account's resource policy of CloudWatch Logs, which has room for little.
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
   */
  private engineLog(): logs.LogGroup {
    return createLogGroup(this, 'EngineLog', `/aws/vendedlogs/elasticache/${this.groupId}/engine`);
  }

  private replicationGroup(store: CreatedStore, parts: ReplicationGroupParts): elasticache.CfnReplicationGroup {
    const group = new elasticache.CfnReplicationGroup(this, 'ReplicationGroup', {
      replicationGroupId: this.groupId,
      replicationGroupDescription: `Sessions of ${this.installation}`,
      engine: store.engine,
      engineVersion: store.engineVersion,
      cacheNodeType: store.nodeType,
      cacheParameterGroupName: parts.parameterGroup.ref,
      cacheSubnetGroupName: parts.subnetGroup.ref,
      securityGroupIds: [parts.securityGroup.securityGroupId],
      numCacheClusters: 1 + store.replicas,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      port: PORT,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      kmsKeyId: parts.key.keyArn,
      userGroupIds: [parts.userGroup.ref],
      snapshotRetentionLimit: store.snapshotRetentionDays,
      snapshotWindow: store.snapshotWindow,
      preferredMaintenanceWindow: store.maintenanceWindow,
      autoMinorVersionUpgrade: store.autoMinorVersionUpgrade,
      notificationTopicArn: parts.events.topicArn,
      // The engine log only: the slow log contains commands, and so session ids.
      logDeliveryConfigurations: [
        {
          logType: 'engine-log',
          logFormat: 'json',
          destinationType: 'cloudwatch-logs',
          destinationDetails: { cloudWatchLogsDetails: { logGroup: parts.engineLog.logGroupName } },
        },
      ],
    });
    group.addResourceDependency(parts.userGroup);
    // A failed creation takes a snapshot too when the group had become available; its generated name blocks no other creation.
    group.applyRemovalPolicy(this.removalPolicy === RemovalPolicy.DESTROY ? RemovalPolicy.DESTROY : RemovalPolicy.SNAPSHOT);
    return group;
  }

  /** ElastiCache reports failovers and replaced nodes here. It publishes only to unencrypted topics of its own account. */
  private eventTopic(): sns.Topic {
    const topic = new sns.Topic(this, 'Events', {
      topicName: `${this.groupId}-events`,
      displayName: `Session store of ${this.installation}: failovers and replaced nodes`,
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
      'AwsSolutions-SNS3': 'ElastiCache is the publisher; a transport rule that it does not meet would suppress its events.',
    });
    return topic;
  }
}
