import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandNames } from '../access/known-commands.ts';
import { tokenExchange } from '../access/token-exchange.ts';
import { describeServer, serverOf } from '../engine-servers.ts';
import { EVENT_MESSAGES, type NotificationName, notify } from '../events.ts';
import { CACHE_NODE_ID, type GroupSpec, NODE_GROUP_ID, nodeId } from '../group-spec.ts';
import type { Resources } from '../resources.ts';
import type { CacheNode } from './cache-node.ts';
import { NodeGroup } from './node-group.ts';
import { applyAccess, applyParameters, type NodeSettings, nodeSettings } from './node-settings.ts';

export type GroupStatus = 'creating' | 'available' | 'modifying' | 'deleting' | 'create-failed';

/** One replication group: its settings, its status and its processes. */
export class ReplicationGroup {
  spec: GroupSpec;
  status: GroupStatus = 'creating';
  readonly createdAtMs: number;
  /** When TestFailover was called, for its daily limit. */
  testFailovers: readonly number[] = [];
  private readonly resources: Resources;
  private readonly onDeleted: () => void;
  private readonly adminPassword = randomBytes(24).toString('hex');
  private readonly replacing = new Set<string>();
  private nodeGroup: NodeGroup | undefined;
  /** The commands of a server that stands for the group's engine. */
  private known: CommandNames | undefined;
  private work: Promise<void> = Promise.resolve();
  private failure: Error | undefined;

  constructor(resources: Resources, spec: GroupSpec, onDeleted: () => void) {
    this.resources = resources;
    this.onDeleted = onDeleted;
    this.spec = spec;
    this.createdAtMs = resources.options.now();
  }

  /** The processes and endpoints; undefined until they exist. */
  get running(): NodeGroup | undefined {
    return this.status === 'creating' || this.status === 'create-failed' ? undefined : this.nodeGroup;
  }

  get nodeIds(): readonly string[] {
    if (this.running) return this.running.nodes.map((node) => node.id);
    return Array.from({ length: this.spec.nodeCount }, (_, index) => nodeId(this.spec.id, index + 1));
  }

  /** Status of one member, as DescribeCacheClusters gives it. */
  nodeStatus(id: string): string {
    return this.replacing.has(id) ? 'modifying' : this.status;
  }

  /**
   * Resolves when the latest change has ended.
   *
   * @throws Error when it failed
   */
  async settled(): Promise<void> {
    await this.work;
    if (this.failure) throw this.failure;
  }

  /** Starts to create the processes and endpoints. */
  create(): void {
    this.begin('creating', async () => {
      const { options, events } = this.resources;
      const server = serverOf(options.servers, this.spec.engine);
      if (server.engine !== this.spec.engine) this.known = await this.resources.commandsOf(server);
      options.log(`elasticache ${this.spec.id}: runs ${describeServer(options.servers, this.spec)}`);
      const tls = this.spec.transitEncryption ? await options.certificates.issue(certificateNames(options.endpointHost)) : undefined;
      this.nodeGroup = new NodeGroup({
        nodeIds: this.nodeIds,
        name: this.spec.id,
        folder: join(options.folder, this.spec.id),
        now: options.now,
        log: options.log,
        settings: () => this.settings(),
        tls,
        exchange: () => tokenExchange(this.resources, this.spec),
        automaticFailover: this.spec.automaticFailover,
        sentinelPassword: randomBytes(24).toString('hex'),
        ...options.failoverSettings,
        replacementDelayMs: options.replacementDelayMs,
        pollMs: options.pollMs,
        proxy: () => options.proxy(this.spec.id),
        onFailover: (from, to) => this.onFailover(from, to),
        onReplacement: (node, step) => this.onReplacement(node, step),
      });
      await this.nodeGroup.start();
      for (const id of this.nodeIds) events.record('cache-cluster', id, EVENT_MESSAGES.clusterCreated());
      events.record('replication-group', this.spec.id, EVENT_MESSAGES.groupCreated(this.spec.id));
      this.notify('CreateReplicationGroupComplete', this.spec.id);
    });
  }

  /** Applies new settings; the nodes follow them without a restart. */
  modify(spec: GroupSpec): void {
    this.spec = spec;
    this.begin('modifying', async (nodeGroup) => {
      for (let number = 1; nodeGroup.nodes.length < spec.nodeCount; number++) {
        const id = nodeId(spec.id, number);
        if (!this.nodeIds.includes(id)) await nodeGroup.addReplica(id);
      }
      while (nodeGroup.nodes.length > spec.nodeCount) {
        await nodeGroup.removeReplica(nodeGroup.nodes.findLast((node) => node !== nodeGroup.primary)?.id ?? '');
      }
      await nodeGroup.watch(spec.automaticFailover);
      await this.applySettings(nodeGroup, []);
    });
  }

  /** Applies users and parameters to the running nodes; a node that is down gets them when it starts. */
  refreshSettings(resetParameters: readonly string[] = []): void {
    this.begin('modifying', (nodeGroup) => this.applySettings(nodeGroup, resetParameters));
  }

  /** Fails over as TestFailover does, and records ElastiCache's events in ElastiCache's order. */
  testFailover(): void {
    const { events, options } = this.resources;
    this.testFailovers = [...this.testFailovers, options.now()];
    events.record('replication-group', this.spec.id, EVENT_MESSAGES.testFailover(NODE_GROUP_ID));
    this.begin('modifying', async (nodeGroup) => {
      const { from } = await nodeGroup.failover();
      this.onReplacement(from, 'started');
      try {
        await from.waitForSync();
        await nodeGroup.waitForPromotableReplicas();
      } finally {
        this.replacing.delete(from.id);
      }
      this.onReplacement(from, 'completed');
    });
  }

  /** Makes a replica the primary, as a person asks for it; the old primary follows it, if it runs. */
  promote(id: string): void {
    this.begin('modifying', async (nodeGroup) => {
      const to = nodeGroup.nodes.find((node) => node.id === id && node !== nodeGroup.primary);
      if (to) await nodeGroup.promote(to);
    });
  }

  /** Starts to end the processes; then the group is removed. */
  delete(): void {
    const ids = this.nodeIds;
    this.begin('deleting', async () => {
      await this.nodeGroup?.stop();
      rmSync(join(this.resources.options.folder, this.spec.id), { recursive: true, force: true });
      this.onDeleted();
      for (const id of ids) this.resources.events.record('cache-cluster', id, EVENT_MESSAGES.clusterDeleted());
    });
  }

  /** Ends the processes and keeps the rest. */
  async stop(): Promise<void> {
    await this.nodeGroup?.stop();
    // A change that was in progress may have started more processes meanwhile.
    await this.work;
    await this.nodeGroup?.stop();
  }

  private begin(status: GroupStatus, step: (nodeGroup: NodeGroup) => Promise<void>): void {
    // A change that arrives during another one waits for its turn, and its status shows only then.
    if (status !== 'modifying' || this.status === 'available') this.status = status;
    const previous = this.work;
    this.work = previous.then(async () => {
      if (status === 'modifying' && (this.status === 'create-failed' || this.status === 'deleting')) return;
      this.status = status;
      this.failure = undefined;
      try {
        await step(this.nodeGroup as NodeGroup);
        if (this.status === status) this.status = 'available';
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
        this.resources.options.log(`elasticache ${this.spec.id}: ${status} failed: ${this.failure.message}`);
        if (status === 'creating') await this.nodeGroup?.stop();
        if (this.status === status) this.status = status === 'creating' ? 'create-failed' : 'available';
      }
    });
  }

  private settings(): NodeSettings {
    return nodeSettings(this.resources, this.spec, this.adminPassword, this.known);
  }

  private async applySettings(nodeGroup: NodeGroup, resetParameters: readonly string[]): Promise<void> {
    const settings = this.settings();
    for (const node of nodeGroup.nodes.filter(({ pid }) => pid !== undefined)) {
      await applyAccess(node, settings);
      await applyParameters(node, settings, resetParameters);
    }
  }

  private onFailover(from: CacheNode, to: CacheNode): void {
    const message = EVENT_MESSAGES.failoverCompleted(from.id, to.id);
    this.resources.events.record('cache-cluster', from.id, message);
    this.resources.events.record('replication-group', this.spec.id, message);
    this.notify('FailoverComplete', to.id);
  }

  private onReplacement(node: CacheNode, step: 'started' | 'completed'): void {
    const message = step === 'started' ? EVENT_MESSAGES.recovering(CACHE_NODE_ID) : EVENT_MESSAGES.recovered(CACHE_NODE_ID);
    this.resources.events.record('cache-cluster', node.id, message);
    if (step === 'started') this.replacing.add(node.id);
    else this.replacing.delete(node.id);
    if (step === 'completed') this.notify('CacheNodeReplaceComplete', node.id);
  }

  private notify(name: NotificationName, subject: string): void {
    const { topics, log } = this.resources.options;
    void notify(topics, log, this.spec.notificationTopicArn, name, subject);
  }
}

function certificateNames(endpointHost: string): readonly string[] {
  return [...new Set([endpointHost, 'localhost', '127.0.0.1'])];
}
