import type { NodeSample } from './read-node.ts';

export interface ReplicationLag {
  /** Undefined when there is no replica. */
  readonly seconds: number | undefined;
  readonly bytes: number | undefined;
  /** Replicas that are in sync or catching up, by their primaries. */
  readonly replicas: number;
}

/**
 * How far the slowest replica is behind, by its primary, which each replica sends an acknowledgement per second. A replica that
 * has lost its primary is not in that list, but reports since when.
 */
export function judgeLag(nodes: readonly Pick<NodeSample, 'role' | 'offset' | 'replicas' | 'linkDownSeconds'>[]): ReplicationLag {
  const online = nodes.flatMap(({ offset, replicas }) =>
    replicas.filter(({ state }) => state === 'online').map((replica) => ({ ...replica, bytes: Math.max(0, offset - replica.offset) })),
  );
  const known = (values: readonly number[]) => values.filter((value) => Number.isFinite(value) && value >= 0);
  const most = (values: readonly number[]) => (values.length === 0 ? undefined : Math.max(...values));
  const linkDown = nodes.filter(({ role, linkDownSeconds }) => role === 'replica' && linkDownSeconds > 0);
  return {
    seconds: most([...known(online.map(({ lagSeconds }) => lagSeconds)), ...linkDown.map(({ linkDownSeconds }) => linkDownSeconds)]),
    bytes: most(known(online.map(({ bytes }) => bytes))),
    replicas: online.length,
  };
}
