export function findChromium(env: NodeJS.ProcessEnv, folders: readonly string[]): string | undefined;
export function browserMissing(because?: string): Error;
