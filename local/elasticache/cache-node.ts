import { join } from 'node:path';
import { type AdminConnection, openNodeConnection } from './admin-connection.ts';
import { releasePort, takeFreePort } from './free-port.ts';
import { applyAccess } from './node-settings.ts';
import { type Address, nodeConfiguration } from './server-config.ts';
import { numberOf, parseInfo, type ServerInfo } from './server-info.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { waitUntil } from './wait-until.ts';

/** A server with no data answers within a tenth of a second; a loaded machine may take much longer. */
const START_TIMEOUT_MS = 10_000;
const SYNC_TIMEOUT_MS = 15_000;

/** What all nodes of a group share; read at every start of a node. */
export interface NodeSettings {
  readonly binary: string;
  readonly pidFolder: string;
  readonly adminPassword: string;
  readonly aclRules: ReadonlyMap<string, readonly string[]>;
  readonly engineSettings: Readonly<Record<string, string>>;
  readonly maxMemoryBytes: number;
  readonly keepsSnapshots: boolean;
}

/** One cache node: its process, and the service's own connection to it. */
export class CacheNode {
  /** The CacheClusterId, as ElastiCache names the members of a group. */
  readonly id: string;
  readonly address: Address;
  /** True while its data follow the primary; only such nodes are behind the reader endpoint. */
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
    return new CacheNode(id, await takeFreePort(), join(groupFolder, id), settings, onCrash);
  }

  get pid(): number | undefined {
    return this.process?.running() ? this.process.pid : undefined;
  }

  /**
   * Starts the process and waits until it answers.
   *
   * @param replicaOf the primary to follow; none makes it a primary
   * @throws Error with the server's own words when it ends instead
   */
  async start(replicaOf?: Address): Promise<void> {
    const settings = this.settings();
    const started = await startServerProcess({
      binary: settings.binary,
      name: this.id,
      folder: this.folder,
      pidFolder: settings.pidFolder,
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
    // Stopped while it was being started: nobody else would end it.
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
    // Users may have changed since its configuration was written, and who changed them found no process yet.
    await applyAccess(this, this.settings());
    this.linkUp = replicaOf === undefined;
  }

  /**
   * Resolves when the node has all of its primary's data.
   *
   * @param isPrimary true once the node has become a primary itself and has nobody to wait for
   * @throws Error after 15 seconds, or when the node is stopped
   */
  async waitForSync(isPrimary: () => boolean = () => false): Promise<void> {
    await waitUntil(`the synchronization of cache node ${this.id}`, async () => this.ended || isPrimary() || this.refreshLink(), {
      timeoutMs: SYNC_TIMEOUT_MS,
    });
    if (this.ended) throw new Error(`cache node ${this.id} was stopped`);
  }

  /** @throws Error with the server's words, or when the node is down */
  async command(...words: readonly (string | number | Buffer)[]): Promise<unknown> {
    if (!this.connection || this.pid === undefined) throw new Error(`cache node ${this.id} is not running`);
    return this.connection.command(...words);
  }

  /** Makes a running node a replica of `primary`, or a primary itself. */
  async follow(primary: Address | undefined): Promise<void> {
    await (primary ? this.command('REPLICAOF', primary.host, primary.port) : this.command('REPLICAOF', 'NO', 'ONE'));
  }

  /** How far the node has come in the primary's stream, in bytes; 0 when it has none of its data. */
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
