import { join } from 'node:path';
import { freePort, releasePort } from '../../../processes/free-port.ts';
import type { GroupOptions } from '../../../processes/process-group.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { openAdminConnection, subscribe } from './admin-connection.ts';
import { type Address, QUORUM, SENTINEL_TARGET, sentinelConfiguration, sentinelSettings } from './server-config.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const START_TIMEOUT_MS = 10_000;
const RESTART_PAUSE_MS = 500;

/**
 * The Sentinel of one node group. There is one, with quorum 1: several guard against a network that splits, which
 * 127.0.0.1 does not, while each costs a process, and their finding one another costs seconds before a first failover
 * is possible. The service restarts it when it ends.
 */
export interface Sentinel {
  /** The primary as Sentinel announces it. @throws Error while it does not answer */
  primary(): Promise<Address>;
  /** Ports of the replicas that could be promoted now. */
  promotablePorts(): Promise<readonly number[]>;
  /** Promotes a replica. @throws Error with Sentinel's message: NOGOODSLAVE, INPROG */
  failover(): Promise<void>;
  /** True from the decision to fail over until all replicas follow the new primary. */
  failoverInProgress(): Promise<boolean>;
  /** Reads the replicas again now instead of within 10 seconds, and forgets those that no longer exist. */
  refreshReplicas(): Promise<void>;
  stop(): Promise<void>;
}

export interface SentinelOptions {
  readonly binary: string;
  readonly name: string;
  readonly folder: string;
  readonly ledger: GroupOptions['ledger'];
  readonly password: string;
  readonly adminPassword: string;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  /** The primary to begin with, also after Sentinel itself was lost. */
  readonly primary: () => Address;
  /** Sentinel published a message about its primary. */
  readonly onNews: () => void;
  readonly onCrash: (why: string) => void;
}

export async function startSentinel(options: SentinelOptions): Promise<Sentinel> {
  const address: Address = { host: '127.0.0.1', port: await freePort() };
  const folder = join(options.folder, options.name);
  let stopped = false;
  let process: ServerProcess;

  const startProcess = async (): Promise<void> => {
    process = await startServerProcess({
      binary: options.binary,
      name: options.name,
      folder,
      ledger: options.ledger,
      configuration: sentinelConfiguration({ ...options, folder, port: address.port, primary: options.primary() }),
      extraArguments: ['--sentinel'],
      onUnexpectedExit: (why) => {
        options.onCrash(why);
        restart();
      },
    });
    if (stopped) await process.stop();
  };
  const restart = (): void => {
    setTimeout(() => {
      if (!stopped) startProcess().catch((error: Error) => options.onCrash(error.message));
    }, RESTART_PAUSE_MS).unref();
  };
  await startProcess();

  const connection = openAdminConnection(address, { password: options.password });
  await waitUntil('the start of Sentinel', async () => (await connection.command('PING')) === 'PONG', {
    timeoutMs: START_TIMEOUT_MS,
    pollMs: 10,
  });
  // +promoted-slave comes as soon as the new primary takes writes; +switch-master only when all replicas follow it.
  const news = subscribe(address, options.password, ['+switch-master', '+promoted-slave'], options.onNews);

  return {
    primary: async () => {
      const [host, port] = (await connection.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', SENTINEL_TARGET)) as [string, string];
      return { host, port: Number(port) };
    },
    promotablePorts: async () => {
      const replies = (await connection.command('SENTINEL', 'REPLICAS', SENTINEL_TARGET)) as string[][];
      return replies
        .map(fieldsOf)
        .filter(isPromotable)
        .map((replica) => Number(replica['port']));
    },
    failover: async () => {
      await connection.command('SENTINEL', 'FAILOVER', SENTINEL_TARGET);
    },
    failoverInProgress: async () => {
      const reply = (await connection.command('SENTINEL', 'MASTER', SENTINEL_TARGET)) as string[];
      return fieldsOf(reply)['flags']?.includes('failover_in_progress') ?? false;
    },
    refreshReplicas: async () => {
      // RESET would forget the replicas and wait 10 seconds to find them; Sentinel queries a new target at once.
      // All three are sent together: a query between them would find no such target.
      const primary = options.primary();
      await Promise.all([
        connection.command('SENTINEL', 'REMOVE', SENTINEL_TARGET),
        connection.command('SENTINEL', 'MONITOR', SENTINEL_TARGET, primary.host, primary.port, QUORUM),
        connection.command('SENTINEL', 'SET', SENTINEL_TARGET, ...sentinelSettings(options).flat()),
      ]);
    },
    stop: async () => {
      stopped = true;
      news.close();
      connection.close();
      await process.stop();
      releasePort(address.port);
    },
  };
}

function fieldsOf(reply: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let index = 0; index + 1 < reply.length; index += 2) fields[reply[index] as string] = reply[index + 1] as string;
  return fields;
}

/** Sentinel promotes only replicas that it has reached itself and whose link to the primary it has seen. */
function isPromotable(replica: Record<string, string>): boolean {
  return replica['flags'] === 'slave' && replica['master-link-status'] === 'ok';
}
