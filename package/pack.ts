/** `npm run pack [-- FOLDER]`: writes the tarball that replaces a checkout for users and pipelines. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { showWait } from '../cli/output.ts';
import { OWN_FOLDER, OWN_VERSION } from '../infra/own-files.ts';
import { CODE_FOLDER } from './build-code.ts';
import { buildPackage } from './build-package.ts';
import { writeTarball } from './write-tarball.ts';

const HELP = `Usage: npm run pack [-- FOLDER]

Write the package's tarball into FOLDER.

  FOLDER   default: dist

Exit codes: 0 written, 2 an option is wrong.
`;

const given = process.argv[2];
if (given?.startsWith('-')) {
  const isHelp = given === '--help' || given === '-h';
  if (isHelp) process.stdout.write(HELP);
  else process.stderr.write(`${given} is not an option of npm run pack, which takes a folder: nothing was written\n`);
  process.exit(isHelp ? 0 : 2);
}
const target = path.resolve(given ?? path.join(OWN_FOLDER, 'dist'));
const folder = path.join(target, 'package');
const file = path.join(target, `holdfast-${OWN_VERSION}.tgz`);
await mkdir(target, { recursive: true });
await showWait('building the package', () => buildPackage(folder));
const { files, unpackedBytes } = await writeTarball(folder, file, [`${CODE_FOLDER}/holdfast.js`, 'holdfast']);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
process.stdout.write(`${file}: ${megabytes((await stat(file)).size)}, ${files} files, ${megabytes(unpackedBytes)} unpacked\n`);
