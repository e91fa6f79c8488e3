export interface ProcStat {
  readonly command: string;
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
  readonly startTicks: string;
}

export function parseProcStat(text: string): ProcStat;
export function linuxStartToken(startTicks: string): string;
export function processStart(pid: number): string | undefined;
export function isRunning(identity: { readonly pid: number; readonly start: string }): boolean;
