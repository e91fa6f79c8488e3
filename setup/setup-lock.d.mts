export function withSetupLock<T>(
  lockFile: string,
  work: (noteCommand: (pid: number) => void) => Promise<T>,
  options?: { readonly waitMs?: number; readonly pollMs?: number; readonly tell?: (line: string) => void },
): Promise<T>;
