import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../../processes/wait.ts';
import { messageOf } from '../../service/message-of.ts';
import type { StoreProxy } from '../access/faulty-proxy.ts';
import { CacheNode, mostAdvanced } from './cache-node.ts';
import { type Endpoint, startEndpoint } from './endpoint-forwarder.ts';
import type { NodeGroupOptions } from './node-group-options.ts';
import { ReadersInTurn } from './readers-in-turn.ts';
import { type Sentinel, startSentinel } from './sentinel.ts';
import { waitUntilPromotable } from './wait-until-promotable.ts';

/** A failover among local processes takes 1 to 4 seconds after the failure was noticed. */
const FAILOVER_TIMEOUT_MS = 30_000;
/** Sentinel's own steps: up to a second each before it starts and until it sees the promotion. */
const ELECTION_MS = 2_000;
const SENTINEL_READY_TIMEOUT_MS = 15_000;

/** The processes and endpoints of one node group: a primary, its replicas, their Sentinel. */
export class NodeGroup {
  readonly nodes: CacheNode[] = [];
  primary!: CacheNode;
  primaryEndpoint!: Endpoint;
  readerEndpoint!: Endpoint;
  readonly nodeEndpoints = new Map<string, Endpoint>();
  private readonly options: NodeGroupOptions;
  private sentinel: Sentinel | undefined;
  private poll: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly readers = new ReadersInTurn();
  /** While the service itself promotes a replica, Sentinel's announcements are ignored. */
  private overruled = false;
  private lastProxy: StoreProxy | undefined;

  constructor(options: NodeGroupOptions) {
    this.options = options;
  }

  /** Resolves when every replica has the primary's data, Sentinel could promote any of them, and the endpoints are open. */
  async start(): Promise<void> {
    const { nodeIds, name } = this.options;
    for (const id of nodeIds) this.nodes.push(await this.createNode(id));
    this.primary = this.nodes[0] as CacheNode;
    const replicas = this.nodes.slice(1);
    await this.primary.start();
    await Promise.all(replicas.map((replica) => replica.start(this.primary.address).then(() => replica.waitForSync())));
    if (this.stopped) throw new Error(`${name} was stopped`);
    await this.watch(this.options.automaticFailover);
    this.primaryEndpoint = await this.openEndpoint(`${name} primary endpoint`, () => this.primary);
    this.readerEndpoint = await this.openEndpoint(`${name} reader endpoint`, () => this.readers.next(this.nodes, this.primary));
    for (const node of this.nodes) await this.openNodeEndpoint(node);
    this.schedulePoll();
  }

  /** Starts or stops Sentinel. Without it, a primary that ends is replaced by an empty one. */
  async watch(automaticFailover: boolean): Promise<void> {
    if (!automaticFailover) {
      await this.sentinel?.stop();
      this.sentinel = undefined;
      return;
    }
    if (this.sentinel) return;
    const { name, log, settings, ...rest } = this.options;
    const { binary, ledger, adminPassword } = settings();
    this.sentinel = await startSentinel({
      ...rest,
      name: `${name}-sentinel`,
      binary,
      ledger,
      adminPassword,
      password: this.options.sentinelPassword,
      primary: () => this.primary.address,
      onNews: () => void this.followSentinel(),
      onCrash: (why) => log(`elasticache ${name}: Sentinel is restarted: ${why}`),
    });
    await this.waitForPromotableReplicas();
  }

  /**
   * Promotes a replica now, although the primary is healthy.
   *
   * @returns the old and the new primary, once the endpoints and the other replicas follow the new one
   * @throws Error when Sentinel refuses, or nothing is promoted in time
   */
  async failover(): Promise<{ readonly from: CacheNode; readonly to: CacheNode }> {
    const { sentinel } = this;
    if (!sentinel) throw new Error('automatic failover is disabled');
    const from = this.primary;
    await waitUntil('a replica that can be promoted', async () => (await sentinel.promotablePorts()).length > 0, {
      timeoutMs: SENTINEL_READY_TIMEOUT_MS,
    });
    await sentinel.failover();
    await waitUntil('the failover', () => this.primary !== from, { timeoutMs: FAILOVER_TIMEOUT_MS });
    await waitUntil('the end of the failover', async () => !(await sentinel.failoverInProgress()), { timeoutMs: FAILOVER_TIMEOUT_MS });
    return { from, to: this.primary };
  }

  async addReplica(id: string): Promise<void> {
    const node = await this.createNode(id);
    this.nodes.push(node);
    await node.start(this.primary.address);
    await node.waitForSync();
    await this.openNodeEndpoint(node);
    await this.sentinel?.refreshReplicas();
    await this.waitForPromotableReplicas();
  }

  /** The primary cannot be removed. */
  async removeReplica(id: string): Promise<void> {
    const index = this.nodes.findIndex((node) => node.id === id && node !== this.primary);
    if (index < 0) return;
    const [node] = this.nodes.splice(index, 1) as [CacheNode];
    this.nodeEndpoints.get(id)?.closeConnections();
    await node.stop();
    await this.sentinel?.refreshReplicas();
    await this.waitForPromotableReplicas();
  }

  /** Closes every client connection, as a change of who may log in does. */
  closeConnections(): void {
    for (const endpoint of this.endpoints()) endpoint.closeConnections();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.poll);
    // Sentinel first, so that it does not fail over while the nodes end.
    await this.sentinel?.stop();
    await Promise.all([...this.nodes.map((node) => node.stop()), ...this.endpoints().map((endpoint) => endpoint.stop())]);
  }

  private endpoints(): readonly Endpoint[] {
    return [this.primaryEndpoint, this.readerEndpoint, ...this.nodeEndpoints.values()].filter((endpoint) => endpoint !== undefined);
  }

  private createNode(id: string): Promise<CacheNode> {
    const { folder, settings } = this.options;
    return CacheNode.create(id, folder, settings, (node) => void this.replace(node));
  }

  private openEndpoint(name: string, pick: () => CacheNode | undefined): Promise<Endpoint> {
    const { now, log, tls, exchange, proxy } = this.options;
    return startEndpoint({ name, now, log, tls, exchange, proxy, target: () => (this.stopped ? undefined : pick()?.address) });
  }

  /** A member that is removed and comes back has the address that it had, as it has its name. */
  private async openNodeEndpoint({ id }: CacheNode): Promise<void> {
    const isIt = (node: CacheNode) => node.id === id;
    if (!this.nodeEndpoints.has(id)) this.nodeEndpoints.set(id, await this.openEndpoint(id, () => this.nodes.find(isIt)));
  }

  /** Resolves when Sentinel could promote every replica that has the primary's data. */
  async waitForPromotableReplicas(): Promise<void> {
    if (this.sentinel) await waitUntilPromotable(this.sentinel, this);
  }

  /** Sentinel's messages move the endpoints at once; if a message is lost, they move by this. */
  private schedulePoll(): void {
    if (this.stopped) return;
    this.poll = setTimeout(async () => {
      await this.followSentinel();
      await Promise.all(this.nodes.map((node) => node.refreshLink()));
      this.followProxy();
      for (const endpoint of this.endpoints()) endpoint.closeExpired(this.options.now());
      this.schedulePoll();
    }, this.options.pollMs);
    this.poll.unref();
  }

  /** Connections from before a proxy lost the store, or found it again, lead to where they led. */
  private followProxy(): void {
    const proxy = this.options.proxy();
    if (proxy !== this.lastProxy) this.closeConnections();
    this.lastProxy = proxy;
  }

  private async followSentinel(): Promise<void> {
    const announced = await this.sentinel?.primary().catch(() => undefined);
    const to = this.nodes.find((node) => node.address.port === announced?.port);
    if (to && to !== this.primary && !this.stopped && !this.overruled) await this.moveTo(to);
  }

  private async moveTo(to: CacheNode): Promise<void> {
    const from = this.primary;
    this.primary = to;
    this.primaryEndpoint.closeConnectionsExceptTo(to.address);
    this.readerEndpoint.closeConnections();
    this.options.onFailover(from, to);
    // Sentinel does not demote a healthy old primary for 10 seconds, and until then it would accept writes and lose them.
    await from.follow(to.address).catch(() => undefined);
  }

  /**
   * Promotes the replica with the most data when Sentinel did not: it cannot end a failover whose new primary is lost
   * before the other replicas follow it.
   */
  private async promoteWithoutSentinel(): Promise<void> {
    const lost = this.primary;
    const candidates = this.nodes.filter((node) => node !== lost && node.pid !== undefined);
    const to = await mostAdvanced(candidates);
    if (!to || this.primary !== lost) return;
    this.options.log(`elasticache ${this.options.name}: Sentinel found no new primary, so ${to.id} is promoted`);
    await this.promote(to);
  }

  async promote(to: CacheNode): Promise<void> {
    const others = this.nodes.filter((node) => node !== to && node !== this.primary && node.pid !== undefined);
    this.overruled = true;
    try {
      await to.follow(undefined);
      await this.moveTo(to);
      // Sentinel reads the new primary's replicas once, so they have to follow it before that.
      await Promise.allSettled(others.map((node) => node.follow(to.address).then(() => node.waitForSync())));
      await this.sentinel?.refreshReplicas();
    } finally {
      this.overruled = false;
    }
  }

  /** Puts a new process in the place of one that ended. */
  private async replace(node: CacheNode): Promise<void> {
    const { log, name, replacementDelayMs, onReplacement } = this.options;
    log(`elasticache ${name}: cache node ${node.id} ended`);
    await sleep(replacementDelayMs);
    if (!this.isMember(node)) return;
    try {
      // A primary that came back empty before the failover would take the data from its replicas.
      if (this.sentinel && node === this.primary && this.nodes.length > 1) {
        const { downAfterMs, failoverTimeoutMs } = this.options;
        await waitUntil('the failover', () => node !== this.primary || this.stopped, {
          timeoutMs: downAfterMs + failoverTimeoutMs + ELECTION_MS,
        }).catch(() => this.promoteWithoutSentinel());
      }
      if (!this.isMember(node)) return;
      onReplacement(node, 'started');
      if (node === this.primary) {
        await node.start();
      } else {
        await node.start(this.primary.address);
        await node.waitForSync(() => node === this.primary);
        await this.waitForPromotableReplicas();
      }
      onReplacement(node, 'completed');
    } catch (error) {
      log(`elasticache ${name}: the replacement of cache node ${node.id} failed: ${messageOf(error)}`);
    }
  }

  private isMember(node: CacheNode): boolean {
    return !this.stopped && this.nodes.includes(node);
  }
}
