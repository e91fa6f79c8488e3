/** Changes of a Python file, proposed by a program that the set-up's own Python runs. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { readSetup } from '../../../setup/read-setup.mjs';
import type { Proposal } from './propose-typescript.ts';

const PROGRAM = path.join(import.meta.dirname, 'propose_python.py');
/** What the program exits with when the source has syntax that its Python does not know. */
const NOT_READ = 3;

/**
 * @returns nothing, and says so, for a file that needs a newer Python than the set-up's, as LocalStack's extension does
 * @throws when the program fails otherwise
 */
export function proposePython(file: string, source: string): readonly Proposal[] {
  const { status, stdout, stderr, error } = spawnSync(readSetup().python, [PROGRAM], { input: source, encoding: 'utf8', timeout: 30_000 });
  if (status === NOT_READ) {
    process.stderr.write(`not drawn from: ${file}: ${stderr.trim()}\n`);
    return [];
  }
  if (status !== 0) throw new Error(`no changes of ${file} could be proposed: ${error?.message ?? stderr.trim()}`);
  const lines = stdout.trim().split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Proposal);
}
