import { aws_elasticache as elasticache, type aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CreatedStore } from '../../config/store.ts';
import { applicationAccess, COLLECT_ACCESS, DEPLOY_ACCESS, sweepAccess } from './access-strings.ts';
import { MONITORING_ACCESS, MONITORING_USER } from './monitoring-user.ts';
import type { StoreUser } from './store-endpoint.ts';

export interface StoreAccessProps {
  readonly installation: string;
  readonly store: CreatedStore;
  readonly applicationSecret: secretsmanager.ISecret;
  /** Password of redis_exporter's user. @default no such user */
  readonly monitoringSecret?: secretsmanager.ISecret | undefined;
}

/**
 * Users of the session store: `default` switched off, the application's own with a password, its key prefix and its
 * channels, one IAM
 * user for each function that connects to the store, with only the commands that it sends; and, if configured,
 * redis_exporter's with a password.
 */
export class StoreAccess extends Construct {
  readonly userGroup: elasticache.CfnUserGroup;
  /** Users of functions. */
  readonly userNames: Readonly<Record<StoreUser, string>>;
  readonly applicationUserName = 'application';

  constructor(scope: Construct, id: string, props: StoreAccessProps) {
    super(scope, id);
    const { installation, store } = props;
    const engine = store.engine;
    // A dynamic reference: the template contains no password.
    const passwordIn = (secret: secretsmanager.ISecret) => secret.secretValueFromJson('password').unsafeUnwrap();
    const password = passwordIn(props.applicationSecret);

    const defaultUser = new elasticache.CfnUser(this, 'DefaultUser', {
      engine,
      userId: `${installation}-default`,
      userName: 'default',
      // Valkey's groups reject a `default` user without a password; this one has no permissions and is off.
      accessString: 'off -@all',
      authenticationMode: { Type: 'password', Passwords: [password] },
    });
    const application = new elasticache.CfnUser(this, 'ApplicationUser', {
      engine,
      userId: `${installation}-application`,
      userName: this.applicationUserName,
      accessString: applicationAccess(store),
      authenticationMode: { Type: 'password', Passwords: [password] },
    });
    const ofFunction = (id: string, user: StoreUser, accessString: string) =>
      new elasticache.CfnUser(this, id, {
        engine,
        userId: `${installation}-${user}`,
        userName: `${installation}-${user}`,
        accessString,
        authenticationMode: { Type: 'iam' },
      });
    const deploy = ofFunction('DeployUser', 'deploy', DEPLOY_ACCESS);
    const collect = ofFunction('CollectUser', 'collect', COLLECT_ACCESS);
    const sweep = ofFunction('SweepUser', 'sweep', sweepAccess(store));
    const { monitoringSecret } = props;
    const monitoring = monitoringSecret && [
      new elasticache.CfnUser(this, 'MonitoringUser', {
        engine,
        userId: `${installation}-${MONITORING_USER}`,
        userName: MONITORING_USER,
        accessString: MONITORING_ACCESS,
        authenticationMode: { Type: 'password', Passwords: [passwordIn(monitoringSecret)] },
      }),
    ];
    this.userNames = { deploy: deploy.userName, collect: collect.userName, sweep: sweep.userName };
    const users = [defaultUser, application, deploy, collect, sweep, ...(monitoring ?? [])];
    this.userGroup = new elasticache.CfnUserGroup(this, 'UserGroup', {
      engine,
      userGroupId: `${installation}-users`,
      userIds: users.map(({ ref }) => ref),
    });
    for (const user of users) this.userGroup.addResourceDependency(user);
  }
}
