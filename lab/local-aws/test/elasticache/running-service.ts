import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { DEFAULT_ENGINE, type StoreEngine } from '../../../../test/store-engines.ts';
import { createElastiCacheService, type ElastiCacheService } from '../../elasticache/service.ts';
import type { ElastiCacheOptions } from '../../elasticache/service-options.ts';
import type { MetricDatum } from '../../interfaces.ts';
import { AwsError } from '../../service/service.ts';
import { createCertificateAuthority } from '../../tls/authority.ts';
import { createTokenAuthority, type TokenAuthority } from './token-authority.ts';

/** The service with real server processes in a folder of its own, and what it told others. */
export interface RunningService {
  readonly service: ElastiCacheService;
  readonly folder: string;
  readonly caPem: string;
  readonly clock: { nowMs: number };
  /** Who may connect as an IAM user. */
  readonly authority: TokenAuthority;
  readonly published: { topicArn: string; message: string }[];
  readonly metrics: MetricDatum[];
  readonly logLines: string[];
  /** Calls an operation; the reply as plain data. */
  call(operation: string, input?: Record<string, unknown>): Promise<Reply>;
  /** Code of the AWS error that an operation gives. */
  errorCode(operation: string, input?: Record<string, unknown>): Promise<string>;
  /** A client of an endpoint that does not connect again. */
  connect(port: number, options?: RedisOptions): Promise<Redis>;
  stop(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a reply is read as the test expects it
export type Reply = any;

/** @param engine whose servers play all nodes, one of STORE_ENGINES; or `engines` at hand, the preferred one first */
export async function startService({
  engine = DEFAULT_ENGINE,
  engines = [engine],
  ...overrides
}: Partial<Pick<ElastiCacheOptions, 'metricPeriodMs' | 'pollMs' | 'ledger'>> & {
  engine?: StoreEngine;
  engines?: readonly StoreEngine[];
} = {}): Promise<RunningService> {
  const folder = mkdtempSync(join(tmpdir(), 'elasticache-'));
  const authority = await createCertificateAuthority(join(folder, 'tls'));
  const clock = { nowMs: Date.parse('2030-01-01T00:00:00Z') };
  const tokens = createTokenAuthority(() => clock.nowMs);
  const published: { topicArn: string; message: string }[] = [];
  const metrics: MetricDatum[] = [];
  const logLines: string[] = [];
  const clients: Redis[] = [];
  const service = createElastiCacheService({
    now: () => clock.nowMs,
    region: 'eu-west-1',
    folder: join(folder, 'data'),
    servers: engines.map((each) => ({ ...each, path: each.server })),
    certificates: authority,
    access: tokens.access,
    topics: { publish: async (topicArn, _subject, message) => void published.push({ topicArn, message }) },
    metrics: { record: (data) => void metrics.push(...data) },
    log: (line) => void logLines.push(line),
    failoverSettings: { downAfterMs: 600, failoverTimeoutMs: 3_000 },
    replacementDelayMs: 300,
    ...overrides,
  });
  const context = { region: 'eu-west-1', accountId: '000000000000', accessKeyId: 'test' };
  const call = async (operation: string, input: Record<string, unknown> = {}): Promise<Reply> =>
    service.operations[operation]?.(input, context);

  return {
    service,
    folder,
    caPem: authority.caPem,
    clock,
    authority: tokens,
    published,
    metrics,
    logLines,
    call,
    errorCode: async (operation, input) => {
      try {
        await call(operation, input);
        return 'no error';
      } catch (error) {
        if (error instanceof AwsError) return error.code;
        throw error;
      }
    },
    connect: async (port, options = {}) => {
      const client = new Redis({
        host: 'localhost',
        port,
        lazyConnect: true,
        retryStrategy: () => null,
        maxRetriesPerRequest: 0,
        enableReadyCheck: false,
        ...options,
      });
      let refusal: Error | undefined;
      client.on('error', (error) => {
        refusal = error;
      });
      clients.push(client);
      await client.connect().catch((error: Error) => {
        throw refusal ?? error;
      });
      return client;
    },
    stop: async () => {
      for (const client of clients) client.disconnect();
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** True while a process with this id exists. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
