/**
 * When a process started, as a token that no other process with the same id ever has: process ids are recycled, so an id
 * that a killed run recorded may belong to another process today.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Start ticks count from boot, so they are unique only together with the boot.
 *
 * @type {string | undefined}
 */
let bootId;

/**
 * The fields of `/proc/<pid>/stat` that matter here. The command name can contain spaces and brackets: fields are counted after the last bracket.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @param {string} text
 */
export function parseProcStat(text) {
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  return {
    command: text.slice(text.indexOf('(') + 1, close),
    state: fields[0] ?? '',
    parentPid: Number(fields[1]),
    groupId: Number(fields[2]),
    startTicks: fields[19] ?? '',
  };
}

/**
 * @param {string} startTicks field 22 of `/proc/<pid>/stat`
 * @returns {string} `<boot id>:<ticks>`
 */
export function linuxStartToken(startTicks) {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${bootId}:${startTicks}`;
}

/**
 * @param {number} pid
 * @returns {string | undefined} undefined when there is no such process, or it is a zombie
 */
export function processStart(pid) {
  if (process.platform === 'linux') {
    try {
      const stat = parseProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return stat.state === 'Z' || stat.state === 'X' ? undefined : linuxStartToken(stat.startTicks);
    } catch {
      return undefined;
    }
  }
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    timeout: 5_000,
    // The date must not depend on the user's language.
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  });
  const [, state, start] = /^\s*(\S+)\s+(.+?)\s*$/.exec(status === 0 ? stdout : '') ?? [];
  return start === undefined || state?.startsWith('Z') ? undefined : start.replace(/\s+/g, ' ');
}

/**
 * @param {{ pid: number, start: string }} identity
 * @returns {boolean} whether this same process still runs
 */
export function isRunning(identity) {
  return processStart(identity.pid) === identity.start;
}
