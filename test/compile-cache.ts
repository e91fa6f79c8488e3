/** Where Node keeps compiled code, which hundreds of processes of the tests share; Vitest would keep it among the machine's temporary files. */
import path from 'node:path';

const VARIABLE = 'NODE_COMPILE_CACHE';

export const COMPILE_CACHE = { [VARIABLE]: path.resolve(import.meta.dirname, '../.holdfast/compile-cache') } as const;

/** For a process whose environment is named in full: it compiles nothing once more. Empty where the tests themselves have no cache. */
export function compileCache(): Record<string, string> {
  const folder = process.env[VARIABLE];
  return folder === undefined ? {} : { [VARIABLE]: folder };
}
