import { ArnFormat, aws_ec2 as ec2, Stack, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV } from '../../functions/deploy/contract.ts';
import type { NamedStore } from '../config/store.ts';
import type { SessionStoreStack } from '../stacks/session-store-stack.ts';
import type { Part } from './network.ts';

/** Where the store is and how to come in: what servers and functions are told. */
export interface StoreEndpoint {
  readonly host: string;
  /** A number, or a reference that CloudFormation fills in. */
  readonly port: string;
  /** The port of rules in security groups, which have to know it at synthesis. */
  readonly rulePort: number;
  readonly tls: boolean;
  /** Replicas that have to be in step before a deploy. */
  readonly replicas: number;
  /** It was there before, and lets in the servers that were there. */
  readonly isNamed: boolean;
  /** Absent: whoever named the store lets servers and functions in. */
  readonly securityGroup?: ec2.ISecurityGroup | undefined;
  /** What servers sign in with. Absent: without a password. */
  readonly application?: { readonly userName: string; readonly secret: secretsmanager.ISecret } | undefined;
  /** How functions sign in: the environment that tells them, and what their role must be allowed. */
  readonly signIn: Readonly<Record<StoreUser, StoreSignIn>>;
}

/** Which function signs in. Of a store that was there before, all do as the one user that is named. */
export type StoreUser = 'deploy' | 'collect' | 'sweep';

export interface StoreSignIn {
  readonly environment: Readonly<Record<string, string>>;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export function createdStore(stack: SessionStoreStack): Part<StoreEndpoint> {
  return (scope) => stack.endpointFor(scope);
}

export function namedStore(store: NamedStore): Part<StoreEndpoint> {
  return (scope) => ({
    host: store.host,
    port: String(store.port),
    rulePort: store.port,
    tls: store.tls,
    replicas: store.replicas,
    isNamed: true,
    securityGroup: store.securityGroupId
      ? ec2.SecurityGroup.fromSecurityGroupId(scope, 'StoreSecurityGroup', store.securityGroupId)
      : undefined,
    application: store.application && {
      userName: store.application.userName ?? '',
      secret: secretsmanager.Secret.fromSecretCompleteArn(scope, 'ApplicationSecret', store.application.secretArn),
    },
    signIn: { deploy: signIn(scope, store), collect: signIn(scope, store), sweep: signIn(scope, store) },
  });
}

/** The nodes as ElastiCache's attributes write them. */
export const namedNodes = ({ nodes, port: usual }: NamedStore): { readonly hosts: string; readonly ports: string } | undefined =>
  nodes && { hosts: bracketed(nodes.map(({ host }) => host)), ports: bracketed(nodes.map(({ port = usual }) => String(port))) };

const bracketed = (parts: readonly string[]): string => `[${parts.join(', ')}]`;

function signIn(scope: Construct, { auth, replicationGroupId, userName, secretArn }: NamedStore): StoreSignIn {
  // The configuration's rules see to it that what a way to sign in needs is named.
  switch (auth) {
    case 'iam':
      return iamSignIn(Stack.of(scope), replicationGroupId as string, userName as string);
    case 'password':
      return {
        environment: {
          [ENV.storeAuth]: 'password',
          [ENV.storeSecretArn]: secretArn as string,
          ...(userName && { [ENV.storeUser]: userName }),
        },
        actions: ['secretsmanager:GetSecretValue'],
        resources: [secretArn as string],
      };
    case 'none':
      return { environment: { [ENV.storeAuth]: 'none' }, actions: [], resources: [] };
  }
}

/** As an IAM user of one replication group. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
export function iamSignIn(stack: Stack, replicationGroupId: string, userName: string): StoreSignIn {
  const arn = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'elasticache', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return {
    environment: { [ENV.storeAuth]: 'iam', [ENV.storeUser]: userName, [ENV.storeReplicationGroupId]: replicationGroupId },
    actions: ['elasticache:Connect'],
    resources: [arn('replicationgroup', replicationGroupId), arn('user', userName)],
  };
}
