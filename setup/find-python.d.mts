export interface Python {
  readonly path: string;
  readonly version: string;
  readonly hasVenv: boolean;
}

export function findPython(env?: NodeJS.ProcessEnv, folders?: readonly string[]): Python;
export function probePython(command: string): Python | undefined;
