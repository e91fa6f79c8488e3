export function matchesLock(lockFile: string, installedFile: string): boolean;
export function npmCommand(env: NodeJS.ProcessEnv, node: string): [string, ...string[]];
