import type { Classify } from '../keys/classify-key.ts';
import { reconcileIndex } from '../keys/reconcile-index.ts';
import type { StoreLink } from '../store/store-link.ts';
import type { PersistentKey } from '../store/sweep-store.ts';
import type { ShardPorts } from './shard-ports.ts';

/** Maximum number of index sets that one invocation searches for dead members. */
const MAX_INDEXES = 10_000;

/** The index sets that this invocation met. */
export interface IndexSets {
  note(persistentKeys: readonly PersistentKey[]): void;
  /** @returns the number of members removed, or in a dry run to remove */
  reconcile(writer: StoreLink, isOver: () => boolean): Promise<number>;
}

export function createIndexSets(
  settings: { readonly reconcile: boolean },
  work: { readonly classify: Classify; readonly dryRun: boolean } & Pick<ShardPorts, 'pause'>,
): IndexSets {
  const keys: Buffer[] = [];
  return {
    note(persistentKeys) {
      if (!settings.reconcile || keys.length >= MAX_INDEXES) return;
      for (const { key, type } of persistentKeys) if (type === 'set') keys.push(key);
    },
    reconcile: async (writer, isOver) =>
      keys.length === 0 ? 0 : writer.run(() => reconcileIndex(writer.redis, keys, { ...work, isOver })),
  };
}
