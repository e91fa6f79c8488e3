/** One server of the benchmark, in a folder of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../../processes/free-port.ts';
import type { NodeAddress } from '../work/work.ts';

const MAX_CONNECT_ATTEMPTS = 100;

export interface BenchServer {
  readonly address: NodeAddress;
  readonly redis: Redis;
  stop(): Promise<void>;
}

/**
 * Listens on loopback only, with and without TLS, and writes nothing to disk.
 * @param tlsWords certificate and key, in words of the command line; none: without TLS alone
 */
export async function startBenchServer(program: string, tlsWords: readonly string[]): Promise<BenchServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-sweep-'));
  const address = { port: await freePort(), tlsPort: await freePort() };
  const tls = tlsWords.length > 0 ? ['--tls-port', String(address.tlsPort), ...tlsWords] : [];
  const words = ['--port', String(address.port), ...tls, '--bind', '127.0.0.1'];
  const replication = ['--repl-diskless-sync-delay', '0', '--repl-diskless-load', 'swapdb'];
  const child = spawn(program, [...words, '--save', '', '--dir', folder, ...replication], { stdio: 'ignore' });
  const redis = new Redis(address.port, '127.0.0.1', {
    disableClientInfo: true,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (times < MAX_CONNECT_ATTEMPTS ? 50 : null),
  });
  redis.on('error', () => undefined);
  return {
    address,
    redis,
    async stop() {
      redis.disconnect();
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
