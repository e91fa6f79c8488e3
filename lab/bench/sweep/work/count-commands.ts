/** Counts the commands that this process sends, by server and name. */
import { Redis } from 'ioredis';

/** Commands whose commandstats are kept by subcommand. */
const CONTAINERS = new Set(['acl', 'client', 'cluster', 'command', 'config', 'latency', 'memory', 'object', 'script']);

const counts = new Map<number | undefined, Map<string, number>>();

/** From now on, on every connection of this process. */
export function startCounting(): void {
  const { sendCommand } = Redis.prototype;
  Redis.prototype.sendCommand = function countedSend(this: Redis, ...words: Parameters<typeof sendCommand>) {
    const [{ name, args }] = words;
    const command = name.toLowerCase();
    add(this.options.port, CONTAINERS.has(command) ? `${command}|${String(args[0]).toLowerCase()}` : command);
    return sendCommand.apply(this, words);
  };
}

function add(port: number | undefined, name: string): void {
  const ofPort = counts.get(port) ?? new Map<string, number>();
  counts.set(port, ofPort.set(name, (ofPort.get(name) ?? 0) + 1));
}

/** The counts for these ports since the last call, which starts again at zero. */
export function takeCounts(ports: readonly number[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const port of ports) for (const [name, count] of counts.get(port) ?? []) sums[name] = (sums[name] ?? 0) + count;
  counts.clear();
  return sums;
}
