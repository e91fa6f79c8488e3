/** Holdfast's valves for Tomcat and its log's format, compiled from the sources in server/tomcat. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { ensureJava } from '../../../setup/java.mjs';
import { ownStateFolder } from '../../cloud-state.ts';
import { InvalidRelease } from '../release-errors.ts';

const JAVA = path.join(import.meta.dirname, '../../../server/tomcat/java');
/** Oldest Java that the class files run on: Tomcat 10.1's. */
const RELEASE = '11';
/** Without debugging information, and with string concatenation as of old: the class files depend on the sources alone. */
const OPTIONS = ['--release', RELEASE, '-g:none', '-proc:none', '-implicit:none', '-XDstringConcat=inline', '-Xlint:-options'];
const COMPILE_MS = 120_000;

/** Tomcat loads its valves from its lib, and its logging from the class path that Java is started with. */
export interface CompiledJars {
  readonly valves: Uint8Array;
  readonly logging: Uint8Array;
}

/**
 * Compiles the valves. They are compiled against stubs of the Tomcat classes that they use (java/tomcat-api), so that this machine needs no
 * Tomcat and the jars fit Tomcat 9 to 11. The result is cached by sources and JDK, and its bytes are the same each time.
 * @throws InvalidRelease without a JDK, and when the compiler fails
 */
export async function compileValves(): Promise<CompiledJars> {
  const parent = path.join(ownStateFolder(), 'java', 'valves');
  const { home, version } = findJdk();
  const names = await sourcesOf('holdfast');
  const hash = createHash('sha256').update(JSON.stringify([version, OPTIONS]));
  for (const name of [...names, ...(await sourcesOf('tomcat-api'))]) hash.update(`${name}\0`).update(await readFile(path.join(JAVA, name)));
  const classes = path.join(parent, hash.digest('hex').slice(0, 32));
  if (!existsSync(classes)) {
    await mkdir(parent, { recursive: true });
    const work = await mkdtemp(path.join(parent, 'compile-'));
    try {
      await compile(home, names, work).catch((error: Error & { stderr?: string }) => {
        const [reason] = (error.stderr || error.message).trim().split('\n');
        throw new InvalidRelease(`javac ${version} cannot compile Holdfast's valves for Tomcat: ${reason}.`);
      });
      // Another publication may have come first, with the same classes.
      await rename(work, classes).catch(() => {});
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  return { valves: await jarOf(classes, 'holdfast'), logging: await jarOf(classes, 'holdfast/log') };
}

async function compile(home: string, names: readonly string[], target: string): Promise<void> {
  const options = [...OPTIONS, '-sourcepath', path.join(JAVA, 'tomcat-api'), '-d', target, ...names.map((name) => path.join(JAVA, name))];
  await promisify(execFile)(path.join(home, 'bin', 'javac'), options, { timeout: COMPILE_MS });
}

async function jarOf(classes: string, folder: string): Promise<Uint8Array> {
  const names = (await readdir(path.join(classes, folder))).filter((name) => name.endsWith('.class')).sort();
  const read = async (name: string) => ({ name: `${folder}/${name}`, content: await readFile(path.join(classes, folder, name)) });
  return packJar(await Promise.all(names.map(read)));
}

function findJdk(): { readonly home: string; readonly version: string } {
  try {
    return ensureJava();
  } catch (error) {
    throw new InvalidRelease(
      'A release of a WAR contains a small jar of Holdfast, compiled where it is published, and there is no JDK 17 or newer here (JAVA_HOME, then PATH): install one, or publish where the WAR is built.',
      { cause: error },
    );
  }
}

async function sourcesOf(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(JAVA, folder), { recursive: true });
  return entries
    .filter((name) => name.endsWith('.java'))
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
    .sort();
}

export interface JarEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Content alone decides the bytes, not the clock or zlib's version: the SHA-256 of a release covers them. */
const ZIP_OPTIONS = {
  level: 0,
  lastModDate: new Date(2000, 0, 1),
  version: 20,
  extendedTimestamp: false,
  dataDescriptor: false,
  msDosCompatible: true,
};

/** Makes a jar of stored entries. */
export async function packJar(entries: readonly JarEntry[]): Promise<Uint8Array> {
  const jar = new ZipWriter(new Uint8ArrayWriter(), ZIP_OPTIONS);
  for (const { name, content } of entries) await jar.add(name, new Uint8ArrayReader(content));
  return jar.close();
}
