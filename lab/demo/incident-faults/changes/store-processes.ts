/** The store's nodes as processes: they are made to hang, or killed. */
import { isRunning } from '../../../../setup/process-start.mjs';
import type { ProcessRecord } from '../../../processes/process-ledger.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { CannotSet, type Changer } from '../contract.ts';

/** A failover takes up to 10 s, and the new node copies what the others have. */
const REPLACED_LIMIT_MS = 60_000;

export interface StoreNodes {
  /** Process of each node that runs, the primary's first. */
  processes(): Promise<readonly ProcessRecord[]>;
  signal(process: ProcessRecord, signal: NodeJS.Signals): void;
}

export function pauseChanger(store: StoreNodes): Changer<'pauseStore'> {
  return {
    async prepare({ nodes }) {
      const processes = await running(store);
      return { processes: nodes === 'all' ? processes : processes.slice(0, 1) };
    },
    async apply(_change, before) {
      for (const process of before.processes) store.signal(process, 'SIGSTOP');
      return before;
    },
    async restore({ processes }) {
      for (const process of processes) if (isRunning(process)) store.signal(process, 'SIGCONT');
    },
  };
}

export function killChanger(store: StoreNodes): Changer<'killPrimary'> {
  return {
    async prepare() {
      const processes = await running(store);
      if (processes.length < 2) throw new CannotSet('the store has one node, which nothing could replace; nothing was changed');
      return { node: processes[0] as ProcessRecord };
    },
    async apply(_change, before) {
      store.signal(before.node, 'SIGKILL');
      return before;
    },
    /** ElastiCache puts a node of the same name in the place of the one that ended; another is the primary now. */
    async restore({ node }) {
      await waitUntil(`a new process of ${node.name}`, async () => (await store.processes()).some(({ name }) => name === node.name), {
        timeoutMs: REPLACED_LIMIT_MS,
        pollMs: 200,
      });
    },
  };
}

async function running(store: StoreNodes): Promise<readonly ProcessRecord[]> {
  const processes = await store.processes();
  if (processes.length === 0) throw new CannotSet('no node of the store runs; nothing was changed');
  return processes;
}
