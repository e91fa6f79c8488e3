export interface CommandOptions {
  /** What the command prints; begun anew unless `append`. */
  readonly logFile: string;
  readonly append?: boolean;
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Told the process id, which is its process group's too. */
  readonly onStart?: (pid: number) => void;
}

export function tryCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<{ readonly ok: boolean; readonly reason: string }>;
export function runCommand(
  what: string,
  command: string,
  args: readonly string[],
  options: CommandOptions & { readonly advice?: string },
): Promise<void>;
export function commandFailed(what: string, reason: string, logFile: string, advice?: string): Error;
export function ask(command: string, args: readonly string[], timeoutMs?: number): string | undefined;
