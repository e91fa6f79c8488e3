/** The licences of everything that is bundled into the package. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OWN_FOLDER } from '../infra/own-files.ts';

/** Licences that allow distribution in a package under Apache-2.0, with a notice. */
const ALLOWED = /^(MIT|MIT-0|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|\(MIT OR Apache-2\.0\))$/;

/**
 * One entry per package: name, version, licence and the licence's text, in the order of the names.
 * @param inputs files that were bundled, relative to the repository
 * @throws Error for a licence that does not allow it, or a package without one
 */
export function noticesOf(inputs: readonly string[]): string {
  const folders = [...new Set(inputs.flatMap((file) => packageFolder(file) ?? []))].sort();
  const entries = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(OWN_FOLDER, folder, 'package.json'), 'utf8')) as Record<
      string,
      string
    >;
    if (!ALLOWED.test(license ?? '')) throw new Error(`${name} ${version} has the licence ${license}, which the package must not contain`);
    return `${name} ${version} (${license})\n\n${textOf(folder)}`;
  });
  return `This package contains the following software.\n\n${entries.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** `node_modules/@aws-sdk/core` of a file below it; undefined for a file of Holdfast. */
function packageFolder(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.replaceAll(path.sep, '/'))?.[1];
}

/** The licence and the notice that the package comes with. */
function textOf(folder: string): string {
  const place = path.join(OWN_FOLDER, folder);
  const names = existsSync(place) ? readdirSync(place).filter((name) => /^(licen[cs]e|notice)/i.test(name)) : [];
  return names
    .sort()
    .map((name) => readFileSync(path.join(place, name), 'utf8').trim())
    .join('\n\n')
    .concat('\n');
}
