import type { Redis } from 'ioredis';
import { isClustered, readShards } from '../shared/cluster-slots.ts';
import { type Environment, optional } from '../shared/environment.ts';
import { HoldfastError } from '../shared/errors.ts';
import { parseInfo, replicasIn } from '../shared/parse-info.ts';
import type { StoreSettings } from '../shared/store-settings.ts';
import type { StoreNode } from './collect.ts';
import { COLLECT_ENV } from './contract.ts';

/** Makes a connection to one node, by the platform's one way. */
export type ConnectTo = (settings: StoreSettings) => Promise<Pick<Redis, 'info' | 'cluster' | 'disconnect'>>;

/** Below the function's time, with what its two calls of DynamoDB may take beside it. */
const NODE_LIMIT_MS = 10_000;

class NodeSilent extends HoldfastError {
  override readonly name = 'NodeSilent';
}

/**
 * The nodes of the store, without a call to ElastiCache's API, which a function inside the VPC cannot reach.
 *
 * - Named by the environment: CloudFormation gives every node's own endpoint in ReadEndPoint.Addresses, under a name
 *   that the node's certificate is for; of a store that was there before, the configuration does.
 * - Else, in cluster mode, by whoever answers: CLUSTER SLOTS names every node, over TLS by the name that its certificate is
 *   for (ElastiCache's parameter `cluster-preferred-endpoint-type` is `tls-dynamic`).
 * - Else by the primary: INFO lists its replicas by address. Over TLS no certificate is for an address, so there the
 *   primary alone is read: it says how far its replicas are behind, but not what was looked up on them.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-replicationgroup.html
 */
export function createStoreNodes(
  settings: StoreSettings,
  environment: Environment,
  connect: ConnectTo,
): () => Promise<readonly StoreNode[]> {
  const node = (host: string, port: number): StoreNode => ({
    name: `${host}:${port}`,
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
        return shards.flatMap((shard) => [shard.primary, ...shard.replicas]).map(({ host, port }) => node(host, port));
      }
      if (settings.tls) return [{ ...primary, info: async () => info }];
      const replicas = replicasIn(parseInfo(info)).filter(({ host, port }) => host !== '' && port > 0);
      return [{ ...primary, info: async () => info }, ...replicas.map(({ host, port }) => node(host, port))];
    } catch (error) {
      return [{ ...primary, info: () => Promise.reject(error) }];
    }
  };
}

/** `[a, b]`, as CloudFormation writes a list into one text. */
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
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NodeSilent(`no answer within ${NODE_LIMIT_MS / 1000} s`)), NODE_LIMIT_MS);
  });
  try {
    return await Promise.race([read, limit]);
  } finally {
    clearTimeout(timer);
    read.catch(() => undefined); // it was given up: how it fails later is of no interest
  }
}
