/** Writes a CDK app with an installation of Holdfast into a folder. A package.json that is there gets what it lacks; nothing is replaced. */
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRecord, parseJson } from '../../functions/shared/json.ts';
import { OWN_FOLDER, pagePath } from '../../infra/own-files.ts';
import { badInput } from '../failure.ts';

const CDK_PACKAGES = ['aws-cdk', 'aws-cdk-lib', 'constructs'] as const;

/** Each is written, or none is. */
const FILES = ['cdk.json', 'app.mjs', 'holdfast.config.json', 'holdfast'] as const;

const APP = `import { App } from 'aws-cdk-lib';
import { Holdfast } from 'holdfast/cdk';

const app = new App();
new Holdfast(app, 'Holdfast', { config: 'holdfast.config.json' });
`;

export interface AppPlace {
  readonly folder?: string;
  /** What this Holdfast was installed from. */
  readonly tarball?: string | undefined;
}

/** Writes the app with this configuration. @returns the names of the files */
type WriteApp = (config: object) => Promise<readonly string[]>;

/** @throws CommandFailure FileExists, InvalidPackage, NoTarball; nothing is written then */
export async function prepareApp({ folder = process.cwd(), tarball = installedFrom(OWN_FOLDER) }: AppPlace): Promise<WriteApp> {
  const taken = FILES.filter((name) => lstatSync(path.join(folder, name), { throwIfNoEntry: false }));
  if (taken.length > 0) {
    throw badInput(
      'FileExists',
      `${folder} already has ${taken.join(' and ')}. Nothing was written. Use an empty folder, or add the construct to your app (${pagePath('docs/install-new.md')}).`,
    );
  }
  const manifest = await completeManifest(path.join(folder, 'package.json'), tarball);
  return async (config) => {
    const files: Readonly<Record<(typeof FILES)[number], string>> = {
      'cdk.json': json({ app: 'node app.mjs' }),
      'app.mjs': APP,
      'holdfast.config.json': json(config),
      holdfast: await readFile(path.join(OWN_FOLDER, 'holdfast'), 'utf8'),
    };
    // `wx`: a file that came into being meanwhile stays as it is.
    for (const [name, text] of Object.entries(files))
      await writeFile(path.join(folder, name), text, { flag: 'wx', mode: name === 'holdfast' ? 0o755 : 0o666 });
    await writeFile(path.join(folder, 'package.json'), json(manifest));
    return ['package.json', ...Object.keys(files)];
  };
}

/** The manifest with this Holdfast and the exact versions of the CDK that it was tested with. */
async function completeManifest(file: string, tarball: string | undefined): Promise<Record<string, unknown>> {
  const found = existsSync(file) ? parseManifest(await readFile(file, 'utf8'), file) : { private: true, type: 'module' };
  const { dependencies = {}, devDependencies = {} } = found as { dependencies?: Versions; devDependencies?: Versions };
  const own = JSON.parse(await readFile(path.join(OWN_FOLDER, 'package.json'), 'utf8')) as { devDependencies: Versions };
  const isMissing = (name: string) => dependencies[name] === undefined && devDependencies[name] === undefined;
  if (isMissing('holdfast') && tarball === undefined) {
    throw badInput(
      'NoTarball',
      `${file} has no dependency "holdfast", and the tarball that this Holdfast was installed from is not known. Nothing was written. Run "npm install TARBALL" there first: a version would name a package of the registry, which is not this one.`,
    );
  }
  const wanted = [['holdfast', fileUrl(tarball ?? '', file)], ...CDK_PACKAGES.map((name) => [name, own.devDependencies[name]])] as [
    string,
    string,
  ][];
  const missing = wanted.filter(([name]) => isMissing(name));
  return { ...found, devDependencies: { ...devDependencies, ...Object.fromEntries(missing) } };
}

/** The address by which npm writes a dependency on a file. */
const fileUrl = (tarball: string, manifest: string): string =>
  `file:${path.relative(path.dirname(manifest), tarball).replaceAll(path.sep, '/')}`;

type Versions = Readonly<Record<string, string>>;

function parseManifest(text: string, file: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text);
  if (isRecord(value)) return value;
  throw badInput('InvalidPackage', `${file} is not a JSON object. Nothing was written. Correct it, then try again.`);
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * The tarball that npm installed a package from, by the lock file that npm keeps in node_modules.
 * @param packageFolder the package's folder in a node_modules
 * @returns its path; undefined when it was not installed from a file, or not by npm
 */
export function installedFrom(packageFolder: string): string | undefined {
  const modules = path.dirname(packageFolder);
  const project = path.dirname(modules);
  try {
    const lock = JSON.parse(readFileSync(path.join(modules, '.package-lock.json'), 'utf8')) as {
      readonly packages?: Readonly<Record<string, { readonly resolved?: string } | undefined>>;
    };
    const resolved = lock.packages?.[path.relative(project, packageFolder).replaceAll(path.sep, '/')]?.resolved;
    return resolved?.startsWith('file:') ? path.resolve(project, resolved.slice('file:'.length)) : undefined;
  } catch {
    return undefined;
  }
}
