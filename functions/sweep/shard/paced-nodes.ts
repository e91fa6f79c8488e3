import type { Checkpoint, SweepSettings } from '../contract.ts';
import { limitsFor, type Reading } from '../pages/pace.ts';
import type { StoreLink } from '../store/store-link.ts';
import { createPacedNode } from './paced-node.ts';
import type { ShardNodes } from './read-shard.ts';

/** Where pages are read, and where candidates are confirmed and repaired: the same link where no replica is read. */
export interface ShardLinks {
  readonly reader: StoreLink;
  readonly writer: StoreLink;
}

/** A replica that only the sweep reads from has no other client to be gentle to. Repairs keep their pace on the primary. */
export const readPace = ({ pace, applicationReadsReplicas }: SweepSettings, { reader, writer }: ShardLinks): SweepSettings['pace'] =>
  reader === writer || applicationReadsReplicas ? pace : 'fast';

export function pacedNodes(links: ShardLinks, settings: SweepSettings, { parts }: Checkpoint, reading: Reading | undefined): ShardNodes {
  const { reader, writer } = links;
  const paced = (link: StoreLink, pace: SweepSettings['pace']) => createPacedNode(link, limitsFor(pace, link.idle, parts.length, reading));
  const node = paced(reader, readPace(settings, links));
  return { reader: node, writer: reader === writer ? node : paced(writer, settings.pace) };
}
