import { openAsBlob } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { BlobReader, TextWriter, ZipReader } from '@zip.js/zip.js';
import { pagePath } from '../../../infra/own-files.ts';
import { InvalidRelease } from '../release-errors.ts';
import { checkOwnManagers, textOf } from './check-war.ts';

/** The element that marks an application as distributable, which can have a namespace's prefix, an id and blanks in it. */
const DISTRIBUTABLE = /<([\w.-]+:)?distributable(\s[^>]*)?(\/>|>\s*<\/)/;

const CLUSTER = /<Cluster[\s/>]/;

/** The first Tomcat of each branch that drops a message which it cannot decrypt. @see https://www.cve.org/CVERecord?id=CVE-2026-34486 */
const DROPS_UNREADABLE = ['9.0.117', '10.1.54', '11.0.21'] as const;
/** The first Tomcat of each branch that drops a message which it has had before. @see https://tomcat.apache.org/migration-10.1.html */
const DROPS_REPEATED = ['9.0.119', '10.1.56', '11.0.23'] as const;

const numbersOf = (version: string): readonly number[] => version.split('.').map(Number);
const patchOf = (version: string): number => numbersOf(version)[2] ?? 0;

/** The first of each branch that does both. A branch that is not listed has no such version, or is not known. */
export const LEAST_TOMCATS: readonly string[] = DROPS_REPEATED.map((repeated, branch) => {
  const unreadable = DROPS_UNREADABLE[branch] ?? repeated;
  return patchOf(unreadable) > patchOf(repeated) ? unreadable : repeated;
});

/** Whether a Tomcat's messages are safe from those who have no key. */
export function canJoinCluster(version: string): boolean {
  const [major, minor, patch = 0] = numbersOf(version);
  return LEAST_TOMCATS.some((least) => {
    const [leastMajor, leastMinor, leastPatch = 0] = numbersOf(least);
    return major === leastMajor && minor === leastMinor && patch >= leastPatch;
  });
}

/** Checks the version of `app.archive`. For a fleet with `app.home` instead, tomcat_cluster.py checks the same when a server starts. */
async function checkTomcat(home: string): Promise<void> {
  const version = await tomcatVersionOf(home);
  if (version !== undefined && canJoinCluster(version)) return;
  const what = version === undefined ? 'does not show its version in lib/catalina.jar' : `is Tomcat ${version}`;
  throw new InvalidRelease(
    `app.archive ${what}, and a cluster needs ${LEAST_TOMCATS.join(', ')} or a later one of these branches: others pass on messages that they cannot decrypt, or that somebody has recorded and sends again.`,
  );
}

/**
 * Refuses a release of a cluster's fleet whose Tomcat would start but copy no session to the other servers, and one whose Tomcat would
 * accept messages from anybody.
 * @param folder the release, with the WAR's content and its configuration
 * @param hasTomcat whether Tomcat itself is in it
 * @throws InvalidRelease
 */
export async function checkCluster(war: string, folder: string, hasTomcat: boolean): Promise<void> {
  const read = (file: string) => textOf(path.join(folder, file));
  const name = JSON.stringify(war);
  if (hasTomcat) await checkTomcat(path.join(folder, 'tomcat'));
  if (!DISTRIBUTABLE.test(await read('webapps/ROOT/WEB-INF/web.xml')))
    throw new InvalidRelease(
      `WEB-INF/web.xml in ${name} has no <distributable/>, without which Tomcat copies no session to other servers: add it, and make each class in the session Serializable with a serialVersionUID.`,
    );
  await checkOwnManagers({ war, folder, whose: "the cluster's", or: '' });
  if (!CLUSTER.test(await read('conf/server.xml')))
    throw new InvalidRelease(
      `the fleet is a Tomcat cluster, and no server.xml in app.conf has a <Cluster>: add one with the addresses of its servers (${pagePath('docs/tomcat-cluster.md')}).`,
    );
}

const REDISSON_MANAGER = /^redisson-tomcat-([0-9]+)-.*\.jar$/;
const MAJOR = /^Specification-Version: ([0-9]+)\b/m;
/** Tomcat's have less than a kilobyte. tomcat_cluster.py has the same limit. */
const LONGEST_MANIFEST_BYTES = 65_536;
const VERSION = /^Implementation-Version: ([0-9]+\.[0-9]+\.[0-9]+)/m;

/**
 * Refuses a session manager for another Tomcat than the release's own.
 * @param folder the release, with its libraries
 * @throws InvalidRelease
 */
export async function checkVersions(folder: string): Promise<void> {
  const [jar, manager] = (await readdir(path.join(folder, 'lib'))).map((name) => REDISSON_MANAGER.exec(name)).find((found) => found) ?? [];
  const tomcat = MAJOR.exec(await manifestOf(path.join(folder, 'tomcat')))?.[1];
  if (manager === undefined || tomcat === undefined || manager === tomcat) return;
  throw new InvalidRelease(
    `app.libraries has ${jar}, and app.archive is Tomcat ${tomcat}: take Redisson's jars for it, redisson-tomcat-${tomcat}.`,
  );
}

/**
 * The main version of the release's Tomcat, and what shows it: Tomcat itself, else the name of its folder on the servers, else Redisson's jar.
 *
 * @param ofHome by the name of the folder
 */
export async function tomcatOf(folder: string, ofHome: number | undefined): Promise<{ major: number; by: string } | undefined> {
  const own = MAJOR.exec(await manifestOf(path.join(folder, 'tomcat')))?.[1];
  if (own !== undefined) return { major: Number(own), by: 'app.archive' };
  if (ofHome !== undefined) return { major: ofHome, by: 'app.home' };
  const [jar, major] = (await readdir(path.join(folder, 'lib'))).map((name) => REDISSON_MANAGER.exec(name)).find((found) => found) ?? [];
  return major === undefined ? undefined : { major: Number(major), by: `${jar} in app.libraries` };
}

/** The version of the Tomcat in a folder, such as `10.1.59`; undefined when its main jar does not show it. */
export const tomcatVersionOf = async (home: string): Promise<string | undefined> => VERSION.exec(await manifestOf(home))?.[1];

/** The manifest of Tomcat's main jar; empty without it. */
async function manifestOf(home: string): Promise<string> {
  try {
    const catalina = await openAsBlob(path.join(home, 'lib', 'catalina.jar'));
    const entries = await new ZipReader(new BlobReader(catalina)).getEntries();
    const manifest = entries.find(({ filename }) => filename === 'META-INF/MANIFEST.MF');
    // The library unpacks no more than the directory's size, so that no jar fills the memory.
    const isReadable = manifest !== undefined && !manifest.directory && manifest.uncompressedSize <= LONGEST_MANIFEST_BYTES;
    return !isReadable ? '' : await manifest.getData(new TextWriter());
  } catch {
    // An unreadable jar counts as one without a version here. If the server cannot read it either, its start fails with a message about it.
    return '';
  }
}
