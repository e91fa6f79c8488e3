import { aws_elasticache as elasticache, type aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CreatedStore } from '../config/store.ts';

export interface StoreAccessProps {
  readonly installation: string;
  readonly store: CreatedStore;
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
  readonly applicationUserName = 'application';

  constructor(scope: Construct, id: string, props: StoreAccessProps) {
    super(scope, id);
    const { installation, store } = props;
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
      userName: this.applicationUserName,
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
}
