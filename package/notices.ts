/** The licences of everything that is bundled into the package. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OWN_FOLDER } from '../infra/own-files.ts';

/** Licences that allow distribution in a package under Apache-2.0, with a notice. */
const ALLOWED = /^(MIT|MIT-0|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|\((MIT|MPL-2\.0) OR Apache-2\.0\))$/;

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

/** The licence and the notice that the package comes with; of one that comes with neither, what its manifest names. */
function textOf(folder: string): string {
  const place = path.join(OWN_FOLDER, folder);
  const found = existsSync(place)
    ? readdirSync(place, { withFileTypes: true }).filter(({ name }) => /^(licen[cs]e|notice)/i.test(name))
    : [];
  // A package can have a folder of the licences of what it contains itself.
  const names = found.flatMap((one) =>
    one.isDirectory() ? readdirSync(path.join(place, one.name)).map((name) => path.join(one.name, name)) : one.name,
  );
  const texts = names.sort().map((name) => readFileSync(path.join(place, name), 'utf8').trim());
  return (texts.length > 0 ? texts.join('\n\n') : standardText(place)).concat('\n');
}

interface Manifest {
  readonly name: string;
  readonly license: string;
  readonly author?: string | { readonly name: string };
}

/** @throws Error for a licence whose text is not known here */
function standardText(place: string): string {
  const { name, license, author } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8')) as Manifest;
  const holder = (typeof author === 'string' ? author : author?.name) ?? `the authors of ${name}`;
  const text = STANDARD_TEXTS[license];
  if (text === undefined) throw new Error(`${name} comes without the text of its licence ${license}, which is not known here`);
  return `Copyright ${holder}\n\n${text}`;
}

const PERMISSION =
  'Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so';
const WARRANTY =
  'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.';

/** @see https://spdx.org/licenses/ */
const STANDARD_TEXTS: Readonly<Record<string, string>> = {
  MIT: `${PERMISSION}, subject to the following conditions:\n\nThe above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.\n\n${WARRANTY}`,
  'MIT-0': `${PERMISSION}.\n\n${WARRANTY}`,
  'Apache-2.0': 'Licensed under the Apache License, Version 2.0, whose text is in the file LICENSE of this package.',
};
