import type { Redis } from 'ioredis';
import { within } from '../shared/end-at.ts';
import { type Environment, optional } from '../shared/environment.ts';
import { HoldfastError } from '../shared/errors.ts';
import { isClustered, readShards } from '../shared/store/cluster-slots.ts';
import { parseInfo, replicasIn } from '../shared/store/parse-info.ts';
import type { StoreSettings } from '../shared/store/store-settings.ts';
import type { StoreNode } from './collect.ts';
import { COLLECT_ENV } from './contract.ts';

/** Connects to one node (store-connection.ts). */
export type ConnectTo = (settings: StoreSettings) => Promise<Pick<Redis, 'info' | 'cluster' | 'disconnect'>>;

/** Leaves the function enough time for its few DynamoDB calls. */
const NODE_LIMIT_MS = 10_000;

class NodeSilent extends HoldfastError {
  override readonly name = 'NodeSilent';
}

/**
 * The nodes of the store, without a call to ElastiCache's API, which a function inside the VPC cannot reach.
 *
 * - From the environment: CloudFormation returns every node's endpoint in ReadEndPoint.Addresses, by a name that its
 *   certificate contains; for an existing store the configuration lists them.
 * - Otherwise, in cluster mode, by CLUSTER SLOTS, which lists every node, over TLS by a name that its certificate contains
 *   (ElastiCache's parameter `cluster-preferred-endpoint-type` is `tls-dynamic`).
 * - Otherwise by INFO, in which the primary lists its replicas by address. No certificate contains an address, so over TLS
 *   only the primary is read: it reports the lag of its replicas, but not the lookups on them.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-replicationgroup.html
 */
export function createStoreNodes(
  settings: StoreSettings,
  environment: Environment,
  connect: ConnectTo,
): () => Promise<readonly StoreNode[]> {
  const node = (host: string, port: number, shard?: number): StoreNode => ({
    name: `${host}:${port}`,
    host,
    port,
    ...(shard !== undefined && { shard }),
    info: () =>
      ask(
        () => connect({ ...settings, host, port }),
        (store) => store.info(),
      ),
  });
  const hosts = listOf(optional(environment, COLLECT_ENV.storeNodes));
  const ports = listOf(optional(environment, COLLECT_ENV.storeNodePorts));
  if (hosts.length > 0) return async () => hosts.map((host, index) => node(host, Number(ports[index] ?? settings.port)));

  const primary = node(settings.host, settings.port);
  return async () => {
    try {
      const info = await primary.info();
      if (isClustered(info)) {
        const shards = await ask(
          () => connect(settings),
          (store) => readShards(store, settings),
        );
        return shards.flatMap((shard, number) => [shard.primary, ...shard.replicas].map(({ host, port }) => node(host, port, number)));
      }
      if (settings.tls) return [{ ...primary, info: async () => info }];
      const replicas = replicasIn(parseInfo(info)).filter(({ host, port }) => host !== '' && port > 0);
      return [{ ...primary, info: async () => info }, ...replicas.map(({ host, port }) => node(host, port))];
    } catch (error) {
      return [{ ...primary, info: () => Promise.reject(error) }];
    }
  };
}

/** Parses `[a, b]`, CloudFormation's format for a list as text. */
const listOf = (text = ''): readonly string[] =>
  text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

async function ask<T>(connect: () => ReturnType<ConnectTo>, question: (store: Awaited<ReturnType<ConnectTo>>) => Promise<T>): Promise<T> {
  const read = connect().then(async (store) => {
    try {
      return await question(store);
    } finally {
      store.disconnect();
    }
  });
  return within(read, NODE_LIMIT_MS, () => new NodeSilent(`no answer within ${NODE_LIMIT_MS / 1000} s`));
}
