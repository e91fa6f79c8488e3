import { aws_elasticache as elasticache, type aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { CreatedStore } from '../../config/store.ts';
import { MONITORING_ACCESS, MONITORING_USER } from './monitoring-user.ts';
import type { StoreUser } from './store-endpoint.ts';

export interface StoreAccessProps {
  readonly installation: string;
  readonly store: CreatedStore;
  readonly applicationSecret: secretsmanager.ISecret;
  /** Password of redis_exporter's user. @default no such user */
  readonly monitoringSecret?: secretsmanager.ISecret | undefined;
}

/** Scans pages and reads counts; inspects the keys of a page; repairs them. */
const SWEEP_COMMANDS = [
  '+ping +info +time +scan +pttl +type +object|idletime +memory|usage +eval_ro +evalsha_ro +eval',
  '+hstrlen +hget +getrange +sscan +exists',
  '+expire +unlink +srem',
].join(' ');

/**
 * Users of the session store: `default` switched off, the application's own with a password and its key prefix, one IAM
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
      accessString: `on ~${store.keyPrefix}* resetchannels -@all +@read +@write +@connection +@transaction +@scripting -@dangerous +info`,
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
    // Neither of these has access to any key.
    const deploy = ofFunction('DeployUser', 'deploy', 'on resetkeys resetchannels -@all +ping +info');
    const collect = ofFunction('CollectUser', 'collect', 'on resetkeys resetchannels -@all +info');
    // It reads every key, and changes only the application's.
    const sweep = ofFunction('SweepUser', 'sweep', `on %R~* ~${store.keyPrefix}* resetchannels -@all ${SWEEP_COMMANDS}`);
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
