import type { CacheNode } from './cache-node.ts';

/** Which node the reader endpoint leads to. */
export class ReadersInTurn {
  private index = 0;

  /**
   * Replicas in turn; the primary when there is none.
   * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Endpoints.html
   * @see https://repost.aws/questions/QU0kbW0vJPT1SiKN-wv6a3WA/ for the time without a replica
   */
  next(nodes: readonly CacheNode[], primary: CacheNode): CacheNode {
    const readers = nodes.filter((node) => node !== primary && node.linkUp);
    this.index = (this.index + 1) % Math.max(1, readers.length);
    return readers[this.index] ?? primary;
  }
}
