/** A session store to monitor: the local cloud's, with TLS, users, two replicas, sessions and traffic. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { EngineServers } from '#local-aws/elasticache/engine-servers.ts';
import { createElastiCacheService } from '#local-aws/elasticache/service.ts';
import type { CertificateAuthority } from '#local-aws/interfaces.ts';
import { AwsError } from '#local-aws/service/service.ts';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { StoreClient } from '../../functions/shared/store/store-connection.ts';
import { MONITORING_ACCESS, MONITORING_USER } from '../../infra/constructs/store/access-strings.ts';
import type { ProcessLedger } from '../processes/process-ledger.ts';

const GROUP = 'holdfast-sessions';
const REGION = 'eu-west-1';
export const SESSIONS = 300;
export const WITHOUT_TTL = 5;
const SESSION_SECONDS = 1_800;
const TRAFFIC_MS = 100;
const CONNECT_TIMEOUT_MS = 5_000;

export interface LocalStore {
  /** One `rediss://…` per node, primary first. */
  readonly nodes: readonly string[];
  readonly ca: CertificateAuthority;
  readonly password: string;
  /** The primary's count of commands refused for lack of a permission. */
  refusedCommands(): Promise<number>;
  /** Makes a replica the primary. Resolves when all nodes have their new roles. @throws Error when it failed */
  failover(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param ledger where the servers are entered; their files are in the run's folder
 * @param servers at hand, as set-up recorded them
 * @throws Error when the servers do not start
 */
export async function startLocalStore(ledger: ProcessLedger, servers: EngineServers): Promise<LocalStore> {
  const { folder } = ledger;
  const ca = await createCertificateAuthority(join(folder, 'tls'));
  const refuse = () => {
    throw new AwsError('AccessDenied', 'There are no IAM users here.', 403);
  };
  const service = createElastiCacheService({
    now: Date.now,
    region: REGION,
    folder: join(folder, 'store'),
    servers,
    ledger,
    certificates: ca,
    access: { authenticatePresigned: refuse, permit: async () => refuse() },
    topics: { publish: async () => {} },
    metrics: { record: () => {} },
    log: () => {},
    failoverSettings: { downAfterMs: 5_000, failoverTimeoutMs: 10_000 },
  });
  const call = (operation: string, input: Record<string, unknown>) =>
    service.operations[operation]?.(input, { region: REGION, accountId: '000000000000', accessKeyId: 'check' });
  const passwords = { application: randomBytes(24).toString('hex'), monitoring: randomBytes(24).toString('hex') };
  try {
    const users = [
      { UserId: 'locked', UserName: 'default', AccessString: 'off -@all', Passwords: [randomBytes(24).toString('hex')] },
      { UserId: 'application', UserName: 'application', AccessString: 'on ~* +@all -@dangerous', Passwords: [passwords.application] },
      { UserId: 'monitoring', UserName: MONITORING_USER, AccessString: MONITORING_ACCESS, Passwords: [passwords.monitoring] },
    ];
    for (const user of users) await call('CreateUser', { ...user, Engine: 'valkey' });
    await call('CreateUserGroup', { UserGroupId: 'users', Engine: 'valkey', UserIds: users.map(({ UserId }) => UserId) });
    await call('CreateReplicationGroup', {
      ReplicationGroupId: GROUP,
      ReplicationGroupDescription: 'sessions',
      Engine: 'valkey',
      EngineVersion: '8.0',
      NumCacheClusters: '3',
      AutomaticFailoverEnabled: 'true',
      TransitEncryptionEnabled: 'true',
      UserGroupIds: ['users'],
    });
    await service.settled(GROUP);
    const nodes = service.nodes(GROUP);
    const primaryPort = nodes.find(({ role }) => role === 'primary')?.endpointPort as number;
    const stopTraffic = await startTraffic(primaryPort, ca.caPem, passwords.application);
    return {
      nodes: nodes.map(({ endpointPort }) => `rediss://localhost:${endpointPort}`),
      ca,
      password: passwords.monitoring,
      refusedCommands: async () => {
        const reply = String(await service.adminCommand(GROUP, 'INFO', 'errorstats'));
        return Number(/errorstat_NOPERM:count=(\d+)/.exec(reply)?.[1] ?? 0);
      },
      failover: async () => {
        await call('TestFailover', { ReplicationGroupId: GROUP, NodeGroupId: '0001' });
        await service.settled(GROUP);
      },
      stop: async () => {
        stopTraffic();
        await service.stop();
      },
    };
  } catch (error) {
    await service.stop();
    throw error;
  }
}

/** Sessions, a few that never expire, look-ups that find one and that do not, and one log-in with a wrong password. */
async function startTraffic(port: number, ca: string, password: string): Promise<() => void> {
  const options = {
    host: 'localhost',
    port,
    username: 'application',
    tls: { ca },
    connectTimeout: CONNECT_TIMEOUT_MS,
    lazyConnect: true,
    enableReadyCheck: false,
  };
  const intruder = new StoreClient({ ...options, password: 'wrong', retryStrategy: () => null });
  intruder.on('error', () => {});
  await intruder.connect().catch(() => {});
  intruder.disconnect();

  const client = new StoreClient({ ...options, password });
  client.on('error', () => {});
  await client.connect();
  const writes = client.pipeline();
  for (let number = 0; number < SESSIONS; number += 1) writes.set(`session:${number}`, 'x'.repeat(512), 'EX', SESSION_SECONDS);
  for (let number = 0; number < WITHOUT_TTL; number += 1) writes.set(`session:forever-${number}`, 'x'.repeat(512));
  await writes.exec();
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    const lookUps = client.pipeline();
    for (let number = 0; number < 10; number += 1)
      lookUps.get(number === 0 ? `session:gone-${turn}` : `session:${(turn + number) % SESSIONS}`);
    lookUps.exec().catch(() => {});
  }, TRAFFIC_MS);
  return () => {
    clearInterval(timer);
    client.disconnect();
  };
}
