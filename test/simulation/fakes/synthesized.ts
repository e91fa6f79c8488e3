import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const SYNTHESIZE = `
const { synthesizeWithoutBundles } = await import('./synthesize-without-bundles.ts');
const { writeInstallations } = await import('./installation-file.ts');
writeInstallations(process.argv[1], await synthesizeWithoutBundles());
`;

/** Writes both installations into a folder, from a process of its own: under Vitest a synthesis takes twice as long. @returns the file */
export async function synthesizeInto(folder: string): Promise<string> {
  const file = path.join(folder, 'installations.json');
  await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', SYNTHESIZE, file], {
    cwd: path.join(import.meta.dirname, '../installation'),
  });
  return file;
}
