import { ArnFormat, aws_ec2 as ec2, Stack, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { STORE_ENV } from '../../../functions/shared/store/store-settings.ts';
import { sessionGroupOf } from '../../config/session-groups.ts';
import type { ExistingStore } from '../../config/store.ts';
import type { HoldfastConfig } from '../../config.ts';
import type { Part } from '../network.ts';

/** The address of the store and how to sign in, for servers and functions. */
export interface StoreEndpoint {
  readonly host: string;
  /** A number, or a reference that CloudFormation fills in. */
  readonly port: string;
  /** The port in rules of security groups, which need it at synthesis. */
  readonly rulePort: number;
  readonly tls: boolean;
  /** That must be in sync before a deploy. */
  readonly replicas: number;
  /** It existed before, and already accepts the existing servers. */
  readonly isExisting: boolean;
  /** Absent: the owner of the existing store gives servers and functions access. */
  readonly securityGroup?: ec2.ISecurityGroup | undefined;
  sessionsOf(fleetName: string): FleetSessions;
  readonly signIn: Readonly<Record<StoreUser, StoreSignIn>>;
}

export interface FleetSessions {
  readonly keyPrefix: string;
  /** The servers' user and secret. Absent: they sign in without a password. */
  readonly application?: { readonly userName: string; readonly secret: secretsmanager.ISecret } | undefined;
  /** How the fleet's witness signs in: by IAM as a user of its own, or in an existing store as the servers do. Absent: their password would cross the network unencrypted. */
  readonly witness?: StoreSignIn | undefined;
}

/** The function that signs in. In an existing store, all functions sign in as its one configured user. */
export type StoreUser = 'deploy' | 'collect' | 'sweep' | 'incidents';
const STORE_USERS: readonly StoreUser[] = ['deploy', 'collect', 'sweep', 'incidents'];
export const allUsers = (signIn: (user: StoreUser) => StoreSignIn) =>
  Object.fromEntries(STORE_USERS.map((user) => [user, signIn(user)])) as StoreEndpoint['signIn'];
/** The users of a created store that sign in by IAM. */
export type IamUser = StoreUser | 'witness';

export interface StoreSignIn {
  readonly environment: Readonly<Record<string, string>>;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export function createdStore(stack: { endpointFor(client: Construct): StoreEndpoint }): Part<StoreEndpoint> {
  return (scope) => stack.endpointFor(scope);
}

export function existingStore(config: HoldfastConfig, store: ExistingStore): Part<StoreEndpoint> {
  return (scope) => ({
    host: store.host,
    port: String(store.port),
    rulePort: store.port,
    tls: store.tls,
    replicas: store.replicas,
    isExisting: true,
    securityGroup: store.securityGroupId
      ? ec2.SecurityGroup.fromSecurityGroupId(scope, 'StoreSecurityGroup', store.securityGroupId)
      : undefined,
    sessionsOf(fleetName) {
      const { keyPrefix, application } = sessionGroupOf(config, fleetName);
      return {
        keyPrefix,
        application: application && {
          userName: application.userName ?? '',
          secret: secretsmanager.Secret.fromSecretCompleteArn(scope, 'ApplicationSecret', application.secretArn),
        },
        witness: !application ? NO_SIGN_IN : store.tls ? passwordSignIn(application) : undefined,
      };
    },
    signIn: allUsers(() => signIn(scope, store)),
  });
}

/** The nodes in the form of ElastiCache's attributes: `[a, b]`. */
export const existingNodes = ({ nodes, port: usual }: ExistingStore): { readonly hosts: string; readonly ports: string } | undefined =>
  nodes && { hosts: bracketed(nodes.map(({ host }) => host)), ports: bracketed(nodes.map(({ port = usual }) => String(port))) };

const bracketed = (parts: readonly string[]): string => `[${parts.join(', ')}]`;

function signIn(scope: Construct, { auth, replicationGroupId, userName, secretArn }: ExistingStore): StoreSignIn {
  // The configuration's rules ensure that each way to sign in has the values that it needs.
  switch (auth) {
    case 'iam':
      return iamSignIn(Stack.of(scope), replicationGroupId as string, userName as string);
    case 'password':
      return passwordSignIn({ userName, secretArn: secretArn as string });
    case 'none':
      return NO_SIGN_IN;
  }
}

const NO_SIGN_IN: StoreSignIn = { environment: { [STORE_ENV.storeAuth]: 'none' }, actions: [], resources: [] };

const passwordSignIn = ({ userName, secretArn }: { readonly userName?: string | undefined; readonly secretArn: string }): StoreSignIn => ({
  environment: {
    [STORE_ENV.storeAuth]: 'password',
    [STORE_ENV.storeSecretArn]: secretArn,
    ...(userName && { [STORE_ENV.storeUser]: userName }),
  },
  actions: ['secretsmanager:GetSecretValue'],
  resources: [secretArn],
});

/** Signs in as an IAM user of one replication group. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
export function iamSignIn(stack: Stack, replicationGroupId: string, userName: string): StoreSignIn {
  const arn = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'elasticache', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return {
    environment: { [STORE_ENV.storeAuth]: 'iam', [STORE_ENV.storeUser]: userName, [STORE_ENV.storeReplicationGroupId]: replicationGroupId },
    actions: ['elasticache:Connect'],
    resources: [arn('replicationgroup', replicationGroupId), arn('user', userName)],
  };
}
