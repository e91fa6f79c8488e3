import { ArnFormat, aws_elasticache as elasticache, aws_iam as iam, Stack, type aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { replicationGroupId } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../config.ts';

export interface StoreAccessProps {
  readonly config: HoldfastConfig;
  readonly applicationSecret: secretsmanager.ISecret;
}

/**
 * Users of the session store: `default` switched off, the application's own with a password and its key prefix, and
 * one IAM user for each function that looks at the store, with no more commands than it sends.
 */
export class StoreAccess extends Construct {
  readonly userGroup: elasticache.CfnUserGroup;
  /** User of the deploy's store check: asks INFO and PING, reads no key. */
  readonly deployUserName: string;
  private readonly config: HoldfastConfig;

  constructor(scope: Construct, id: string, props: StoreAccessProps) {
    super(scope, id);
    this.config = props.config;
    const { installation, store } = props.config;
    const engine = store.engine;
    const password = props.applicationSecret.secretValueFromJson('password').unsafeUnwrap(); // a dynamic reference: the template holds no password

    const defaultUser = new elasticache.CfnUser(this, 'DefaultUser', {
      engine,
      userId: `${installation}-default`,
      userName: 'default',
      // Valkey's groups refuse a `default` without a password; this one may do nothing and is off.
      accessString: 'off -@all',
      authenticationMode: { Type: 'password', Passwords: [password] },
    });
    const application = new elasticache.CfnUser(this, 'ApplicationUser', {
      engine,
      userId: `${installation}-application`,
      userName: 'application',
      accessString: `on ~${store.keyPrefix}* resetchannels -@all +@read +@write +@connection +@transaction +@scripting -@dangerous +info`,
      authenticationMode: { Type: 'password', Passwords: [password] },
    });
    this.deployUserName = `${installation}-deploy`;
    const deploy = new elasticache.CfnUser(this, 'DeployUser', {
      engine,
      userId: this.deployUserName,
      userName: this.deployUserName,
      accessString: 'on resetkeys resetchannels -@all +ping +info',
      authenticationMode: { Type: 'iam' },
    });
    this.userGroup = new elasticache.CfnUserGroup(this, 'UserGroup', {
      engine,
      userGroupId: `${installation}-users`,
      userIds: [defaultUser.ref, application.ref, deploy.ref],
    });
    for (const user of [defaultUser, application, deploy]) this.userGroup.addResourceDependency(user);
  }

  /** Lets `grantee` sign in as an IAM user of this store. */
  grantConnect(grantee: iam.IGrantable, userName: string): void {
    const stack = Stack.of(this);
    iam.Grant.addToPrincipal({
      grantee,
      actions: ['elasticache:Connect'],
      resourceArns: [
        stack.formatArn({
          service: 'elasticache',
          resource: 'replicationgroup',
          resourceName: replicationGroupId(this.config.installation),
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
        stack.formatArn({ service: 'elasticache', resource: 'user', resourceName: userName, arnFormat: ArnFormat.COLON_RESOURCE_NAME }),
      ],
    });
  }
}
