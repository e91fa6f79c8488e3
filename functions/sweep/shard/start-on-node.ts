import type { Checkpoint } from '../contract.ts';
import { NotAPrimary, StoreUnreachable } from '../errors.ts';
import { WHOLE } from '../pages/key-space.ts';
import { startAgain } from '../report/tally.ts';
import { ONLY_SHARD } from '../store/shards.ts';
import { StoreInterrupted, type StoreLink } from '../store/store-link.ts';

/** @throws StoreUnreachable, NotAPrimary; StoreInterrupted during a failover */
export function checkNode(link: Pick<StoreLink, 'identity'>, shard: string, storeName: string, isFirst: boolean): void {
  const { role, clustered } = link.identity;
  if (clustered && shard === ONLY_SHARD)
    throw new StoreUnreachable(
      `${storeName} is a cluster, but did not return its shards when the sweep started. No key was changed. Start the sweep again`,
    );
  if (role === 'master') return;
  const message = `${storeName} is a replica, which does not accept writes. No key was changed. Set store.existing.host to the primary endpoint`;
  // During a failover the endpoint can still point to the former primary.
  throw isFirst ? new NotAPrimary(message) : new StoreInterrupted(message);
}

/** Cursors are valid for one run of one node: on any other the sweep starts at the first page. */
export function startOnNode(checkpoint: Checkpoint, { identity: { runId }, store }: StoreLink): Partial<Checkpoint> {
  if (checkpoint.runId === runId) return {};
  const isFirst = checkpoint.runId === '';
  return {
    runId,
    parts: [WHOLE],
    method: store.method,
    tally: isFirst ? checkpoint.tally : startAgain(checkpoint.tally),
    restarts: checkpoint.restarts + Number(!isFirst),
  };
}
