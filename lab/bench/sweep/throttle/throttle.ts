/** Gives a process a share of a core, as Lambda does: by a quota of CPU time per period. */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PERIOD_MS } from './core-share.ts';

const ROOT = '/sys/fs/cgroup';

export interface Throttle {
  /** How, in words. */
  readonly by: string;
  /** After the process has ended. */
  end(): void;
}

/** @param share of one core, from 0 to 1 */
export function throttle(pid: number, share: number): Throttle {
  return byControlGroup(pid, share) ?? byStopping(pid, share);
}

/** Undefined without permission for control groups. Version 2 has one folder for all controllers, version 1 one for each. */
function byControlGroup(pid: number, share: number): Throttle | undefined {
  const isVersion2 = existsSync(path.join(ROOT, 'cgroup.controllers'));
  const group = path.join(ROOT, isVersion2 ? '' : 'cpu', `holdfast-bench-${pid}`);
  const set = (file: string, text: string) => writeFileSync(path.join(group, file), text);
  const periodUs = PERIOD_MS * 1_000;
  const quotaUs = Math.round(periodUs * share);
  const end = () => rmdirSync(group);
  try {
    mkdirSync(group);
  } catch {
    return undefined;
  }
  try {
    if (isVersion2) set('cpu.max', `${quotaUs} ${periodUs}`);
    else {
      set('cpu.cfs_period_us', String(periodUs));
      set('cpu.cfs_quota_us', String(quotaUs));
    }
    set('cgroup.procs', String(pid));
    return { by: 'control group', end };
  } catch {
    end();
    return undefined;
  }
}

/** Stops the process for the rest of each period, whether it used its share or waited: pessimistic. */
function byStopping(pid: number, share: number): Throttle {
  let stopping: NodeJS.Timeout | undefined;
  const period = setInterval(() => {
    signal(pid, 'SIGCONT');
    stopping = setTimeout(() => signal(pid, 'SIGSTOP'), PERIOD_MS * share);
  }, PERIOD_MS);
  return {
    by: 'stopping it for a part of each period',
    end() {
      clearInterval(period);
      clearTimeout(stopping);
    },
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}
