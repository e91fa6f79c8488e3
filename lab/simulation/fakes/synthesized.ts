import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Installations, readInstallations } from '../installation/installation-file.ts';
import { keptInstallationsFile } from '../installation/kept-installations.ts';

const SYNTHESIZE = `
const { synthesizeWithoutBundles } = await import('./synthesize-without-bundles.ts');
const { writeInstallations } = await import('./installation-file.ts');
writeInstallations(process.argv[1], await synthesizeWithoutBundles());
`;

/**
 * Every installation, from a process of its own: under Vitest a synthesis takes twice as long. The files of one run share them.
 * @param folder where they are written unless another file has made them
 * @returns the file
 */
export async function synthesizeInto(folder: string): Promise<string> {
  const kept = keptInstallationsFile();
  if (kept !== undefined && existsSync(kept)) return kept;
  const file = path.join(folder, 'installations.json');
  await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', SYNTHESIZE, file], {
    cwd: path.join(import.meta.dirname, '../installation'),
  });
  return file;
}

/** The same, read. */
export async function synthesized(): Promise<Installations> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-installations-'));
  try {
    return readInstallations(await synthesizeInto(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
