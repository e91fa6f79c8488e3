/** Builds the folder of the package, of the files that git has. Its bytes depend on the checkout alone. */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { compileValves } from '../cli/releases/tomcat/compile-valves.ts';
import { bundleScript } from '../console/browser-files.ts';
import { configurationSchema } from '../infra/config/json-schema.ts';
import { bundleInto } from '../infra/constructs/bundle-function.ts';
import { OWN_FOLDER } from '../infra/own-files.ts';
import { buildCode, CODE_FOLDER } from './build-code.ts';
import { copyFiles } from './copy-files.ts';
import { manifestOf } from './manifest.ts';
import { noticesOf } from './notices.ts';

const TYPES_MS = 300_000;

export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const isPacked = await copyFiles(OWN_FOLDER, folder);
  const { inputs } = await buildCode(folder);
  await chmod(path.join(folder, CODE_FOLDER, 'holdfast.js'), 0o755);
  const functionSources = await buildFunctions(folder, isPacked);
  const pageSources = await buildPage(path.join(folder, 'console/browser'));
  await buildValves(path.join(folder, 'server/tomcat/jars'));
  await buildTypes(path.join(folder, 'types'));
  const text = (name: string) => readFile(path.join(OWN_FOLDER, name), 'utf8');
  const json = async (name: string) => JSON.parse(await text(name));
  await writeJson(path.join(folder, 'holdfast.schema.json'), configurationSchema());
  await writeFile(path.join(folder, 'THIRD-PARTY-NOTICES.txt'), noticesOf([...Object.keys(inputs), ...functionSources, ...pageSources]));
  await writeJson(path.join(folder, 'package.json'), manifestOf(await json('package.json')));
}

/** Every handler, as a synthesis in the checkout bundles it. @returns the files that were bundled */
async function buildFunctions(folder: string, isPacked: (file: string) => boolean): Promise<string[]> {
  const found = await readdir(path.join(OWN_FOLDER, 'functions'), { recursive: true });
  const files = found.filter((name) => isPacked(path.join(OWN_FOLDER, 'functions', name)));
  const sources: string[] = [];
  for (const file of files.filter((name) => path.basename(name) === 'handler.ts').sort()) {
    // A bundle blocks: what shows the wait has its turn in between.
    await setImmediate();
    const built = bundleInto(path.join(folder, 'functions'), `functions/${file.replaceAll(path.sep, '/')}`);
    const map = JSON.parse(await readFile(path.join(built, 'index.js.map'), 'utf8')) as { sources: string[] };
    sources.push(...map.sources);
  }
  return sources;
}

/** What the console's page loads. @returns the files that were bundled */
async function buildPage(folder: string): Promise<readonly string[]> {
  const { content, sources } = await bundleScript();
  await mkdir(folder, { recursive: true });
  for (const name of ['index.html', 'console.css', 'icon.svg'])
    await cp(path.join(OWN_FOLDER, 'console/browser', name), path.join(folder, name));
  await writeFile(path.join(folder, 'console.js'), content);
  return sources;
}

async function buildValves(folder: string): Promise<void> {
  const { valves, logging } = await compileValves();
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'valves.jar'), valves);
  await writeFile(path.join(folder, 'logging.jar'), logging);
}

/** The construct's declaration mentions the CDK alone. */
async function buildTypes(folder: string): Promise<void> {
  const work = `${folder}.all`;
  const tsc = path.join(OWN_FOLDER, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--noCheck', '--outDir', work, '--rootDir', OWN_FOLDER];
  const project = `${work}.json`;
  await writeJson(project, {
    extends: path.join(OWN_FOLDER, 'tsconfig.json'),
    compilerOptions: { typeRoots: [path.join(OWN_FOLDER, 'node_modules/@types')] },
    files: [path.join(OWN_FOLDER, 'infra/holdfast.ts')],
    include: [],
  });
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', project, ...options], { timeout: TYPES_MS });
    await mkdir(folder, { recursive: true });
    await cp(path.join(work, 'infra/holdfast.d.ts'), path.join(folder, 'holdfast.d.ts'));
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(project, { force: true });
  }
}

const writeJson = (file: string, value: unknown): Promise<void> => writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
