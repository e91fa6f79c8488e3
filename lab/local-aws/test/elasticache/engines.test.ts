/** Nodes run the engine that a template names, where it is at hand. */
import { afterEach, describe, expect, test } from 'vitest';
import { STORE_ENGINES, type StoreEngine } from '../../../../test/store-engines.ts';
import { familyOf, parameterDefinitions } from '../../elasticache/parameter-catalog.ts';
import { type RunningService, startService } from './running-service.ts';

const PASSWORD = 'app-password-0123456789';
let local: RunningService;
afterEach(() => local?.stop());

const createUser = (engine: string, accessString: string) =>
  local.call('CreateUser', { UserId: 'app', UserName: 'app', Engine: engine, AccessString: accessString, Passwords: [PASSWORD] });
async function createGroup(engine: string, more: Record<string, unknown> = {}): Promise<number> {
  const id = `of-${engine}`;
  await local.call('CreateReplicationGroup', {
    ReplicationGroupId: id,
    ReplicationGroupDescription: 'd',
    Engine: engine,
    EngineVersion: engine === 'valkey' ? '8.0' : '7.1',
    NumCacheClusters: 1,
    ...more,
  });
  await local.service.settled(id);
  return (await local.call('DescribeReplicationGroups', { ReplicationGroupId: id })).ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint
    .Port;
}
const serverInfo = async (engine: string) => String(await local.service.adminCommand(`of-${engine}`, 'INFO', 'server'));

/** Valkey keeps Redis's last version in Redis's field, for clients that read it. */
const REPORTED: Record<StoreEngine['engine'], RegExp> = {
  valkey: /redis_version:7\.2\.4\r\nserver_name:valkey\r\nvalkey_version:[8-9]\./,
  redis: /redis_version:7\.0\./,
};

describe.each(STORE_ENGINES)('a service with every engine at hand, a group of $engine', ({ engine }) => {
  test('runs its own engine', async () => {
    local = await startService({ engines: STORE_ENGINES });
    await createGroup(engine);
    expect(await serverInfo(engine)).toMatch(REPORTED[engine]);
  });

  test("takes every parameter of its family, and the family's default after a reset", async () => {
    local = await startService({ engines: STORE_ENGINES });
    const family = familyOf(engine, engine === 'valkey' ? '8.0' : '7.1');
    const known = parameterDefinitions(family).filter(({ modifiable, engineKnows }) => modifiable && engineKnows);
    await local.call('CreateCacheParameterGroup', { CacheParameterGroupName: 'all', CacheParameterGroupFamily: family });
    const set = (values: readonly { name: string; defaultValue: string }[]) =>
      local.call('ModifyCacheParameterGroup', {
        CacheParameterGroupName: 'all',
        ParameterNameValues: values.map(({ name, defaultValue }) => ({ ParameterName: name, ParameterValue: defaultValue })),
      });
    await set(known);
    await createGroup(engine, { CacheParameterGroupName: 'all' });
    const backlog = async () => (await local.service.adminCommand(`of-${engine}`, 'CONFIG', 'GET', 'repl-backlog-size')) as string[];
    await set([{ name: 'repl-backlog-size', defaultValue: '65536' }]);
    await local.service.settled(`of-${engine}`);
    expect((await backlog())[1]).toBe('65536');
    await local.call('ResetCacheParameterGroup', { CacheParameterGroupName: 'all', ResetAllParameters: true });
    await local.service.settled(`of-${engine}`);
    expect((await backlog())[1]).toBe(engine === 'valkey' ? '10485760' : '1048576');
  });

  test('refuses a user with a command that the engine does not know, and changes none', async () => {
    local = await startService({ engines: STORE_ENGINES });
    const refusal = { code: 'InvalidParameterValue', message: 'The access string is not valid: the engine has no command nosuch.' };
    await expect(createUser(engine, 'on ~* +get +nosuch')).rejects.toMatchObject(refusal);
    await createUser(engine, 'on ~* +get');
    await expect(local.call('ModifyUser', { UserId: 'app', AppendAccessString: '+nosuch' })).rejects.toMatchObject(refusal);
    expect((await local.call('DescribeUsers', { UserId: 'app' })).Users[0].AccessString).toBe('on ~* +get');
  });
});

const redis = STORE_ENGINES.find(({ engine }) => engine === 'redis');
describe.skipIf(redis === undefined)('a machine without Valkey', () => {
  test('refuses a user of Redis with a command of Valkey', async () => {
    local = await startService({ engines: [redis as StoreEngine] });
    await expect(createUser('redis', 'on ~* +client|no-touch')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  test('runs Redis for a group of Valkey, says so, and gives its users the commands that Redis knows', async () => {
    local = await startService({ engines: [redis as StoreEngine] });
    await createUser('valkey', 'on ~* +get +set +client|no-touch +ping');
    await local.call('CreateUserGroup', { UserGroupId: 'team', Engine: 'valkey', UserIds: ['app'] });
    const port = await createGroup('valkey', { TransitEncryptionEnabled: true, UserGroupIds: ['team'] });
    expect(await serverInfo('valkey')).toMatch(REPORTED.redis);
    expect(local.logLines).toContainEqual(expect.stringMatching(/of-valkey: runs Redis 7\.\S+ in place of Valkey 8\.0/));
    expect(local.service.notEmulated).toContainEqual(expect.stringMatching(/nodes of engine valkey run Redis 7\.\S+ in place of Valkey/));
    const client = await local.connect(port, { username: 'app', password: PASSWORD, tls: { ca: local.caPem } });
    expect(await client.set('a', '1')).toBe('OK');
    await expect(client.del('a')).rejects.toThrow('NOPERM');
    await expect(client.client('NO-TOUCH' as 'ID')).rejects.toThrow();
    await local.call('ModifyUser', { UserId: 'app', AppendAccessString: '+del' });
    await local.service.settled('of-valkey');
    expect(await client.del('a')).toBe(1);
  });
});
