/** The users of a template, on a real store: the local ElastiCache with the template's access strings. */
import type { Redis } from 'ioredis';
import { type Reply, startService } from '#local-aws/test/elasticache/running-service.ts';
import { createStoreConnector } from '../../functions/shared/store/store-connection.ts';
import { createStoreLogin } from '../../functions/shared/store/store-login.ts';
import { SWEEP_ENV } from '../../functions/sweep/contract/environment.ts';
import type { SweepSettings } from '../../functions/sweep/contract/settings.ts';
import type { StoreEngine } from '../store-engines.ts';
import { SynthesizedApp } from './synthesized.ts';
import type { Admin } from './watch-commands.ts';

/** The password of every user who signs in with one. */
export const PASSWORD = 'a-password-of-this-test';
/** A user who can run everything, MONITOR included. */
export const OBSERVER = 'observer';

export interface TemplateUser {
  readonly UserId: string;
  readonly UserName: string;
  readonly AccessString: string;
  readonly AuthenticationMode: { readonly Type: string };
}

export interface TemplateStore {
  readonly users: readonly TemplateUser[];
  /** Settings in the environment of the sweep's function. */
  readonly sweepSettings: SweepSettings;
  readonly port: number;
  /** Certificate of the authority that signed the store's. */
  readonly caPem: string;
  readonly admin: Admin;
  /** As a function itself connects. */
  connectorOf(userName: string): () => Promise<Redis>;
  withPassword(userName: string): Promise<Redis>;
  stop(): Promise<void>;
}

type Config = Parameters<typeof SynthesizedApp.create>[0];
type StoreConfig = NonNullable<Config['store']>;
type Sessions = Readonly<Record<string, NonNullable<NonNullable<Config['fleets']>[string]['sessions']>>>;

/** @param config of the created store; its engine and version are those of `engine` @param fleets their sessions, by name */
export async function startTemplateStore(engine: StoreEngine, config: StoreConfig, fleets: Sessions = { web: {} }): Promise<TemplateStore> {
  const engineVersion = /^\d+\.\d+/.exec(engine.version)?.[0] ?? '8.0';
  const app = await SynthesizedApp.create({
    store: { ...config, engine: engine.engine, engineVersion } as StoreConfig,
    fleets: Object.fromEntries(Object.entries(fleets).map(([name, sessions]) => [name, { allowPlainHttp: true, sessions }])),
  });
  const settings = app.resources('AWS::Lambda::Function').flatMap(({ Properties }) => sweepSettingsIn(Properties));
  const users = app.resources('AWS::ElastiCache::User').map(({ Properties }) => Properties as unknown as TemplateUser);
  const [parameters] = app.resources('AWS::ElastiCache::ParameterGroup').map(({ Properties }) => Properties as Reply);
  await app.remove();

  const local = await startService({ engine });
  const Engine = engine.engine;
  for (const user of users) {
    const { Type } = user.AuthenticationMode;
    // A template has a reference instead of the password, which the emulator resolves.
    await local.call('CreateUser', { ...user, AuthenticationMode: { Type, ...(Type === 'password' && { Passwords: [PASSWORD] }) } });
  }
  await local.call('CreateUser', { UserId: OBSERVER, UserName: OBSERVER, Engine, AccessString: 'on ~* &* +@all', Passwords: [PASSWORD] });
  await local.call('CreateUserGroup', { UserGroupId: 'all', Engine, UserIds: [...users.map(({ UserId }) => UserId), OBSERVER] });
  await local.call('CreateReplicationGroup', {
    ReplicationGroupId: 'store',
    ReplicationGroupDescription: 'store',
    Engine,
    NumCacheClusters: '1',
    TransitEncryptionEnabled: 'true',
    UserGroupIds: ['all'],
  });
  await local.service.settled('store');
  const reply: Reply = await local.call('DescribeReplicationGroups', { ReplicationGroupId: 'store' });
  const port: number = reply.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Port;
  const admin: Admin = (...words) => local.service.adminCommand('store', ...words);
  await admin('CONFIG', 'SET', 'notify-keyspace-events', parameters.Properties['notify-keyspace-events']);
  const opened: Redis[] = [];
  return {
    users,
    sweepSettings: settings[0] as SweepSettings,
    port,
    caPem: local.caPem,
    admin,
    connectorOf(userName) {
      const auth = { mode: 'iam', userName, replicationGroupId: 'store', region: 'eu-west-1' } as const;
      const { accessKeyId, secretAccessKey, sessionToken } = local.authority.assume(userName, [
        'replicationgroup:store',
        `user:${userName}`,
      ]);
      const environment = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken };
      const now = () => local.clock.nowMs;
      const settings = { host: 'localhost', port, tls: true, auth };
      const connect = createStoreConnector(settings, createStoreLogin(auth, environment, now), { ca: local.caPem, now });
      return async () => {
        const store = await connect();
        opened.push(store);
        return store;
      };
    },
    withPassword: (username) => local.connect(port, { username, password: PASSWORD, tls: { ca: local.caPem } }),
    async stop() {
      for (const store of opened) store.disconnect();
      await local.stop();
    },
  };
}

function sweepSettingsIn(properties: Readonly<Record<string, unknown>>): SweepSettings[] {
  const { Variables } = (properties['Environment'] ?? {}) as { Variables?: Record<string, string> };
  const settings = Variables?.[SWEEP_ENV.settings];
  return settings === undefined ? [] : [JSON.parse(settings) as SweepSettings];
}
