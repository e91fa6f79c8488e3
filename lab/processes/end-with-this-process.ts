/** Process groups that are in no run's ledger, as in unit tests: they end with the process that started them. */
import { signalGroup } from '../../setup/signal-group.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const groups = new Set<number>();

/**
 * Kills the group when this process exits or is ended by a signal. SIGKILL alone leaves it behind.
 *
 * @returns takes the group off the list; call it when its leader has ended, since another process can get its id
 */
export function endWithThisProcess(pid: number): () => void {
  if (groups.size === 0) {
    process.on('exit', killAll);
    for (const name of SIGNALS) process.on(name, onSignal);
  }
  groups.add(pid);
  return () => {
    if (groups.delete(pid) && groups.size === 0) stopListening();
  };
}

function killAll(): void {
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
}

/** Without a listener of its own, this process still ends by the signal. */
function onSignal(name: NodeJS.Signals): void {
  if (process.listenerCount(name) > 1) return;
  killAll();
  stopListening();
  process.kill(process.pid, name);
}

function stopListening(): void {
  process.off('exit', killAll);
  for (const name of SIGNALS) process.off(name, onSignal);
}
