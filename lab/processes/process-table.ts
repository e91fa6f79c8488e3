/** The processes of this machine, read without a shell: from /proc on Linux, from one bounded `ps` on macOS. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { linuxStartToken, parseProcStat } from '../../setup/process-start.mjs';

const PS_TIMEOUT_MS = 5_000;

/** A process that nothing else can be mistaken for: its id together with when it began. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Token of `processStart`; compare for equality only. */
  readonly start: string;
}

/** One live process. Zombies, of which only the exit status is left, are not listed. */
export interface ProcessInfo extends ProcessIdentity {
  readonly parentPid: number;
  /** Process group. */
  readonly groupId: number;
  readonly command: string;
}

/** Every live process that this user may see. */
export function listProcesses(): ProcessInfo[] {
  return process.platform === 'linux' ? listFromProc() : parsePs(runPs());
}

/** `root` and everything below it, as the table has it. Empty when `root` is not in the table. */
export function treeOf(table: readonly ProcessInfo[], rootPid: number): ProcessInfo[] {
  const childrenOf = Map.groupBy(table, (entry) => entry.parentPid);
  const tree = table.filter((entry) => entry.pid === rootPid);
  // The list grows while it is walked, by the children of what it holds.
  for (const entry of tree) tree.push(...(childrenOf.get(entry.pid) ?? []).filter((child) => child.pid !== entry.pid));
  return tree;
}

/**
 * Whether the process began with `NAME=value` in its environment. False where that cannot be read: on macOS, and for another
 * user's process.
 */
export function hasEnvironment(pid: number, assignment: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(assignment);
  } catch {
    return false;
  }
}

function listFromProc(): ProcessInfo[] {
  const table: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = parseProcStat(readFileSync(`/proc/${name}/stat`, 'utf8'));
      if (stat.state === 'Z' || stat.state === 'X') continue;
      const { parentPid, groupId, command } = stat;
      table.push({ pid: Number(name), start: linuxStartToken(stat.startTicks), parentPid, groupId, command });
    } catch {
      // It ended after it was listed.
    }
  }
  return table;
}

function runPs(): string {
  const args = ['-axo', 'pid=,ppid=,pgid=,stat=,lstart=,comm='];
  // The dates must read the same whatever the user's language is.
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
  return spawnSync('ps', args, { encoding: 'utf8', timeout: PS_TIMEOUT_MS, maxBuffer: 32 * 1024 * 1024, env }).stdout ?? '';
}

/** Lines of `pid ppid pgid stat lstart comm`, where lstart is five words (`Fri Nov 20 09:00:00 2026`) and comm may hold spaces. */
export function parsePs(text: string): ProcessInfo[] {
  const table: ProcessInfo[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line);
    const [, pid, parentPid, groupId, state, start, command] = match ?? [];
    if (!pid || !start || state?.startsWith('Z')) continue;
    table.push({
      pid: Number(pid),
      start: start.replace(/\s+/g, ' '),
      parentPid: Number(parentPid),
      groupId: Number(groupId),
      command: command ?? '',
    });
  }
  return table;
}
