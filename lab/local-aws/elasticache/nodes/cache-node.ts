import { join } from 'node:path';
import { freePort, releasePort } from '../../../processes/free-port.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { type AdminConnection, openNodeConnection } from './admin-connection.ts';
import { applyAccess, type NodeSettings } from './node-settings.ts';
import { type Address, nodeConfiguration } from './server-config.ts';
import { numberOf, parseInfo, type ServerInfo } from './server-info.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

/** A server with no data answers within a tenth of a second; a loaded machine may take much longer. */
const START_TIMEOUT_MS = 10_000;
const SYNC_TIMEOUT_MS = 15_000;

/** One cache node: its process, and the service's own connection to it. */
export class CacheNode {
  /** The CacheClusterId, as ElastiCache names the members of a group. */
  readonly id: string;
  readonly address: Address;
  /** True while it replicates from the primary; only such nodes are behind the reader endpoint. */
  linkUp = false;
  private readonly folder: string;
  private readonly settings: () => NodeSettings;
  private readonly onCrash: (node: CacheNode) => void;
  private ended = false;
  private process: ServerProcess | undefined;
  private connection: AdminConnection | undefined;

  private constructor(id: string, port: number, folder: string, settings: () => NodeSettings, onCrash: (node: CacheNode) => void) {
    this.id = id;
    this.address = { host: '127.0.0.1', port };
    this.folder = folder;
    this.settings = settings;
    this.onCrash = onCrash;
  }

  static async create(
    id: string,
    groupFolder: string,
    settings: () => NodeSettings,
    onCrash: (node: CacheNode) => void,
  ): Promise<CacheNode> {
    return new CacheNode(id, await freePort(), join(groupFolder, id), settings, onCrash);
  }

  get pid(): number | undefined {
    return this.process?.running() ? this.process.pid : undefined;
  }

  /**
   * Starts the process and waits until it answers.
   *
   * @param replicaOf the primary to follow; none makes it a primary
   * @throws Error with the server's own message when it ends instead
   */
  async start(replicaOf?: Address): Promise<void> {
    const settings = this.settings();
    const started = await startServerProcess({
      binary: settings.binary,
      name: this.id,
      folder: this.folder,
      ledger: settings.ledger,
      configuration: nodeConfiguration({
        ...settings,
        port: this.address.port,
        folder: this.folder,
        replicaOf,
        aclLines: [...settings.aclRules].map(([userName, rules]) => `${userName} ${rules.join(' ')}`),
      }),
      onUnexpectedExit: () => {
        this.linkUp = false;
        this.onCrash(this);
      },
    });
    this.process = started;
    // stop() was called during the start, before there was a process to end.
    if (this.ended) await started.stop();
    this.connection?.close();
    this.connection = openNodeConnection(this.address, settings.adminPassword);
    await waitUntil(
      `the start of cache node ${this.id}`,
      async () => {
        if (!started.running()) return true;
        return (await this.command('PING')) === 'PONG';
      },
      { timeoutMs: START_TIMEOUT_MS, pollMs: 10 },
    );
    if (!started.running()) throw new Error(started.lastWords());
    // Users may have changed after its configuration was written and before there was a process to apply the change to.
    await applyAccess(this, this.settings());
    this.linkUp = replicaOf === undefined;
  }

  /**
   * Resolves when the node has all of its primary's data.
   *
   * @param isPrimary true once the node is the primary itself and has nothing to wait for
   * @throws Error after 15 seconds, or when the node is stopped
   */
  async waitForSync(isPrimary: () => boolean = () => false): Promise<void> {
    await waitUntil(`the synchronization of cache node ${this.id}`, async () => this.ended || isPrimary() || this.refreshLink(), {
      timeoutMs: SYNC_TIMEOUT_MS,
    });
    if (this.ended) throw new Error(`cache node ${this.id} was stopped`);
  }

  /** @throws Error with the server's message, or when the node is down */
  async command(...words: readonly (string | number | Buffer)[]): Promise<unknown> {
    if (!this.connection || this.pid === undefined) throw new Error(`cache node ${this.id} is not running`);
    return this.connection.command(...words);
  }

  /** Makes a running node a replica of `primary`, or a primary itself. */
  async follow(primary: Address | undefined): Promise<void> {
    await (primary ? this.command('REPLICAOF', primary.host, primary.port) : this.command('REPLICAOF', 'NO', 'ONE'));
  }

  /** The node's offset in the primary's replication stream, in bytes; 0 when it has none of its data. */
  async replicationOffset(): Promise<number> {
    return numberOf(await this.info('replication'), 'master_repl_offset');
  }

  async info(...sections: readonly string[]): Promise<ServerInfo> {
    return parseInfo(String(await this.command('INFO', ...sections)));
  }

  /** Asks the node whether it is a replica in contact with its primary; one that does not answer is not. */
  async refreshLink(): Promise<boolean> {
    const info = await this.info('replication').catch(() => undefined);
    this.linkUp = info?.get('master_link_status') === 'up';
    return this.linkUp;
  }

  /** Ends the process as a crash does. */
  crash(): void {
    this.process?.crash();
  }

  /** Ends the process for good. */
  async stop(): Promise<void> {
    this.ended = true;
    this.linkUp = false;
    this.connection?.close();
    this.connection = undefined;
    await this.process?.stop();
    releasePort(this.address.port);
  }
}

/** The node with the highest replication offset; undefined when none has any data. */
export async function mostAdvanced(nodes: readonly CacheNode[]): Promise<CacheNode | undefined> {
  const offsets = await Promise.all(nodes.map((node) => node.replicationOffset().catch(() => 0)));
  const most = Math.max(0, ...offsets);
  return most > 0 ? nodes[offsets.indexOf(most)] : undefined;
}
