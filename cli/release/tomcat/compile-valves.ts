/** The jar with Holdfast's valves for Tomcat, compiled from the sources next to this file. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureJava } from '../../../setup/java.mjs';
import { STATE_FOLDER } from '../../cloud-state.ts';
import { InvalidRelease } from '../release-errors.ts';
import { packJar } from './pack-jar.ts';

const JAVA = path.join(import.meta.dirname, 'java');
/** Oldest Java that the class files run on: Tomcat 10.1's. */
const RELEASE = '11';
/** Without debugging information, and with string concatenation as of old: the class files depend on the sources alone. */
const OPTIONS = ['--release', RELEASE, '-g:none', '-proc:none', '-implicit:none', '-XDstringConcat=inline', '-Xlint:-options'];
const COMPILE_MS = 120_000;

/**
 * Compiles against declarations of the few of Tomcat's classes that the valves use (java/tomcat-api), so that no Tomcat is needed
 * here, and one jar fits Tomcat 9 to 11. Compiled once for the same sources and JDK; the same bytes each time.
 *
 * @throws InvalidRelease without a JDK, and when the compiler fails
 */
export async function compileValves(): Promise<Buffer> {
  const { home, version } = findJdk();
  const names = await sourcesOf('holdfast');
  const hash = createHash('sha256').update(JSON.stringify([version, OPTIONS]));
  for (const name of [...names, ...(await sourcesOf('tomcat-api'))]) hash.update(`${name}\0`).update(await readFile(path.join(JAVA, name)));
  const folder = path.join(STATE_FOLDER, 'java', 'valves');
  const jarFile = path.join(folder, `${hash.digest('hex').slice(0, 32)}.jar`);
  const kept = await readFile(jarFile).catch(() => undefined);
  if (kept !== undefined) return kept;

  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(path.join(folder, 'compile-'));
  try {
    const options = [...OPTIONS, '-sourcepath', path.join(JAVA, 'tomcat-api'), '-d', work, ...names.map((name) => path.join(JAVA, name))];
    await promisify(execFile)(path.join(home, 'bin', 'javac'), options, { timeout: COMPILE_MS }).catch(
      (error: Error & { stderr?: string }) => {
        throw new InvalidRelease(
          `javac ${version} cannot compile Holdfast's valves for Tomcat: ${(error.stderr || error.message).trim().split('\n')[0]}.`,
        );
      },
    );
    const jar = packJar(
      await Promise.all(
        (await readdir(path.join(work, 'holdfast'))).sort().map(async (name) => ({
          name: `holdfast/${name}`,
          content: await readFile(path.join(work, 'holdfast', name)),
        })),
      ),
    );
    await writeFile(path.join(work, 'valves.jar'), jar);
    await rename(path.join(work, 'valves.jar'), jarFile);
    return jar;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
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
