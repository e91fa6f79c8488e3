/** Runs Python in the extension's folder, for modules that need no LocalStack. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

export const EXTENSION = path.resolve(import.meta.dirname, '../../../emulator/localstack/extension');

/** What a script printed, its log last. @param given its only argument, as JSON @throws its error output when it failed */
export function runInExtension(python: string, script: string, given: unknown, more: Record<string, string> = {}): string {
  const folders = `${EXTENSION}:${path.join(EXTENSION, 'holdfast_localstack')}`;
  const env = { PATH: '/usr/bin:/bin', PYTHONPATH: folders, PYTHONDONTWRITEBYTECODE: '1', ...more };
  const ended = spawnSync(python, ['-c', script, JSON.stringify(given)], { encoding: 'utf8', env, timeout: 120_000 });
  if (ended.status !== 0) throw new Error(ended.stderr || String(ended.error));
  return (ended.stdout + ended.stderr).trim();
}
