import type { Checkpoint } from '../contract/checkpoint.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { ShardLinks, StoreLink } from '../nodes/store-link.ts';
import { limitsFor, type Reading } from '../pages/pace.ts';
import { createPacedNode } from './paced-node.ts';
import type { ShardNodes } from './read-shard.ts';

/** Whether pages are read from a replica that no other client uses. */
export const readsOwnReplica = ({ applicationReadsReplicas }: SweepSettings, { reader, writer }: ShardLinks): boolean =>
  reader !== writer && !applicationReadsReplicas;

/** A replica of its own has no other client to be gentle to. Repairs keep their pace on the primary. */
export const readPace = (settings: SweepSettings, links: ShardLinks): SweepSettings['pace'] =>
  readsOwnReplica(settings, links) ? 'fast' : settings.pace;

export function pacedNodes(links: ShardLinks, settings: SweepSettings, { parts }: Checkpoint, reading: Reading | undefined): ShardNodes {
  const { reader, writer } = links;
  const paced = (link: StoreLink, pace: SweepSettings['pace']) => createPacedNode(link, limitsFor(pace, link.idle, parts.length, reading));
  const node = paced(reader, readPace(settings, links));
  return { reader: node, writer: reader === writer ? node : paced(writer, settings.pace) };
}
