/** Where Holdfast's own files are: in a checkout, or in the installed package. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The checkout's or the package's folder. The package is never written to. */
export const OWN_FOLDER = path.resolve(import.meta.dirname, '..');

/** True in the installed package, which has built JavaScript instead of TypeScript; false in a checkout. */
export const IS_PACKAGE = !import.meta.filename.endsWith('.ts');

/** Holdfast's own package.json. The package alone has peers. */
export const OWN_MANIFEST = JSON.parse(readFileSync(path.join(OWN_FOLDER, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies?: Readonly<Record<string, string>>;
};
export const OWN_VERSION = OWN_MANIFEST.version;

/** A page of the documentation, such as `docs/tomcat.md`, as a path that can be opened from where a command runs. */
export const pagePath = (page: string): string => (IS_PACKAGE ? path.relative(process.cwd(), path.join(OWN_FOLDER, page)) || page : page);
