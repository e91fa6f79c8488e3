import type { KnownNode, StoreNodes } from '../records/store-nodes.ts';
import type { NodeSample } from './read-node.ts';

/** A sample, and the address that it was read from. */
export interface AddressedSample extends NodeSample {
  readonly host: string;
  readonly port: number;
}

/**
 * What is known of each node that answered. A primary keeps the time at which it was first read as primary for as long as its process and
 * its replication id stay the same. A demotion in between changes the replication id, even if no reading saw the node as a replica.
 * @param before the nodes of the previous reading; undefined at the first
 */
export function knowNodes(samples: readonly AddressedSample[], before: StoreNodes | undefined, takenAtMs: number): StoreNodes {
  const known = new Map(before?.nodes.map((node) => [node.runId, node]));
  const nodes = samples.map((sample): KnownNode => {
    const { name, host, port, runId, role, replicationId, idleMark } = sample;
    const node = { name, host, port, runId, role, replicationId, ...(idleMark !== undefined && { idleMark }) };
    if (role === 'replica') return { ...node, linkUp: sample.linkUp, ...lagOf(sample, samples) };
    const seen = known.get(runId);
    const showsUses = idleMark !== undefined && seen?.idleMark === idleMark;
    const isUnbroken =
      showsUses && seen.replicationId === replicationId && seen.primarySinceMs !== undefined && seen.primarySinceMs <= takenAtMs;
    return { ...node, primarySinceMs: isUnbroken ? seen.primarySinceMs : takenAtMs };
  });
  return { takenAtMs, nodes };
}

/** Compared with its primary, which was read at the same time. An idle primary sends a PING every 10 s: silence alone is no lag. */
function lagOf({ replicationId, offset, lastHeardSeconds }: NodeSample, samples: readonly NodeSample[]): Partial<KnownNode> {
  const primary = samples.find((other) => other.role === 'primary' && other.replicationId === replicationId);
  if (primary === undefined) return {};
  const lagBytes = Math.max(0, primary.offset - offset);
  if (lagBytes === 0) return { lagBytes, lagSeconds: 0 };
  return { lagBytes, ...(lastHeardSeconds !== undefined && { lagSeconds: lastHeardSeconds }) };
}
