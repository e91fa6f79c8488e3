import { aws_elasticache as elasticache, type aws_secretsmanager as secretsmanager, aws_ssm as ssm } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { parameterGroupParameterName } from '../../../functions/shared/naming.ts';
import { DEFAULT_DATABASES } from '../../../functions/shared/store/store-settings.ts';
import { capital } from '../../../functions/shared/texts.ts';
import type { SessionGroup } from '../../config/session-groups.ts';
import { applicationUserId, applicationUserName } from '../../config/session-rules.ts';
import type { CreatedStore } from '../../config/store.ts';
import {
  applicationAccess,
  COLLECT_ACCESS,
  DEPLOY_ACCESS,
  incidentsAccess,
  MONITORING_ACCESS,
  MONITORING_USER,
  sweepAccess,
  witnessAccess,
} from './access-strings.ts';
import type { IamUser } from './store-endpoint.ts';

/** The parameter group of a created store, and the parameter with its name: CloudFormation generates that. */
export function createParameterGroup(scope: Construct, installation: string, store: CreatedStore): elasticache.CfnParameterGroup {
  const { engine, engineVersion, evictionPolicy, databases } = store;
  const count = Math.max(...databases) + 1;
  const group = new elasticache.CfnParameterGroup(scope, 'ParameterGroup', {
    // `valkey8`, `redis7`, `valkey7`.
    cacheParameterGroupFamily: `${engine}${engineVersion.split('.')[0]}`,
    description: `Session store of ${installation}: evicts only keys that expire`,
    properties: {
      'maxmemory-policy': evictionPolicy,
      'notify-keyspace-events': 'gxE',
      ...(count > DEFAULT_DATABASES && { databases: String(count) }),
    },
  });
  new ssm.StringParameter(scope, 'ParameterGroupName', {
    parameterName: parameterGroupParameterName(installation),
    description: 'Name of the parameter group of the session store',
    stringValue: group.ref,
  });
  return group;
}

export interface StoreAccessProps {
  readonly installation: string;
  readonly store: CreatedStore;
  readonly groups: readonly SessionGroup[];
  readonly secretOf: (group: SessionGroup) => secretsmanager.ISecret;
  /** Password of redis_exporter's user. @default no such user */
  readonly monitoringSecret?: secretsmanager.ISecret | undefined;
}

/**
 * Users of the session store: `default` switched off; for each fleet, or group of fleets that share sessions, one with a password,
 * a key prefix and channels; one IAM user for each function that connects to the store, with only the commands that it sends; and,
 * if configured, redis_exporter's with a password.
 */
export class StoreAccess extends Construct {
  readonly userGroup: elasticache.CfnUserGroup;
  readonly userNames: Readonly<Record<IamUser, string>>;

  constructor(scope: Construct, id: string, props: StoreAccessProps) {
    super(scope, id);
    const { installation, store, secretOf } = props;
    // Sorted by name, so that the order in the configuration does not matter: the first group's password is also that of the default user.
    const groups = props.groups.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const engine = store.engine;
    // A dynamic reference: the template contains no password.
    const passwordIn = (secret: secretsmanager.ISecret) => secret.secretValueFromJson('password').unsafeUnwrap();
    const defaultUser = new elasticache.CfnUser(this, 'DefaultUser', {
      engine,
      userId: `${installation}-default`,
      userName: 'default',
      // Valkey's groups reject a `default` user without a password; this one has no permissions and is off.
      accessString: 'off -@all',
      authenticationMode: { Type: 'password', Passwords: groups.slice(0, 1).map((group) => passwordIn(secretOf(group))) },
    });
    const applications = groups.map(
      (group) =>
        new elasticache.CfnUser(this, `ApplicationUser-${group.name}`, {
          engine,
          userId: applicationUserId(installation, group.name),
          userName: applicationUserName(group),
          accessString: applicationAccess(group, store.databases),
          authenticationMode: { Type: 'password', Passwords: [passwordIn(secretOf(group))] },
        }),
    );
    const ofFunction = (user: IamUser, accessString: string) =>
      new elasticache.CfnUser(this, `${capital(user)}User`, {
        engine,
        userId: `${installation}-${user}`,
        userName: `${installation}-${user}`,
        accessString,
        authenticationMode: { Type: 'iam' },
      });
    const named = {
      deploy: ofFunction('deploy', DEPLOY_ACCESS),
      collect: ofFunction('collect', COLLECT_ACCESS),
      sweep: ofFunction('sweep', sweepAccess(store, groups)),
      incidents: ofFunction('incidents', incidentsAccess(store)),
      witness: ofFunction('witness', witnessAccess(groups)),
    };
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
    this.userNames = Object.fromEntries(Object.entries(named).map(([user, { userName }]) => [user, userName])) as typeof this.userNames;
    const users = [defaultUser, ...applications, ...Object.values(named), ...(monitoring ?? [])];
    this.userGroup = new elasticache.CfnUserGroup(this, 'UserGroup', {
      engine,
      userGroupId: `${installation}-users`,
      userIds: users.map(({ ref }) => ref),
    });
    for (const user of users) this.userGroup.addResourceDependency(user);
    // One after the other: ElastiCache changes no user while another change of its group is under way.
    for (const [index, user] of users.entries()) if (index > 0) user.addResourceDependency(users[index - 1] as elasticache.CfnUser);
  }
}
