/** Refuses a WAR whose classes do not run in the fleet's Tomcat and Java: without this, the first server's start would show it. */

import { openAsBlob } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { Entry } from '@zip.js/zip.js';
import { javaOf, tomcatOfHome } from '../../../infra/config/app-kind.ts';
import { InvalidRelease } from '../release-errors.ts';
import { readDirectory } from '../unpack-zip.ts';
import { tomcatOf } from './check-tomcat-cluster.ts';
import { textOf } from './check-war.ts';
import { type ClassFile, readClassFile, SERVLET_APIS, type ServletApi } from './class-file.ts';
import type { TomcatFleet } from './contract-of.ts';

const DECLARED = /<(?:[\w.-]+:)?(?:servlet|filter|listener)-class\s*>\s*([\w$.]+)\s*<\//g;

/**
 * @param folder the release, with the WAR's content, the libraries and, with app.archive, Tomcat itself
 * @throws InvalidRelease
 */
export async function checkClasses(war: string, folder: string, fleet: TomcatFleet): Promise<void> {
  const root = path.join(folder, 'webapps', 'ROOT');
  const name = JSON.stringify(war);
  const places = await placesOf(root, name);
  const java = javaOf(fleet.app, fleet.runtimePackages);
  const newer = findTooNew(places, java);
  if (newer)
    throw new InvalidRelease(
      `${name} needs Java ${newer.java}, and the fleet has Java ${java} by its configuration (${newer.className} in ${newer.place} is compiled for ${newer.java}): put Java ${newer.java} on the servers (runtimePackages, app.javaHome) and set app.leastJava to ${newer.java}, or compile for Java ${java}.`,
    );
  const found = await tomcatOf(folder, tomcatOfHome(fleet.app.home));
  if (found === undefined) return;
  const declared = new Set([...(await textOf(path.join(root, 'WEB-INF', 'web.xml'))).matchAll(DECLARED)].map(([, each]) => each as string));
  const misfit = findMisfit(places, apiOf(found.major), declared);
  if (misfit === undefined) return;
  const isOld = misfit.api === 'javax.servlet';
  throw new InvalidRelease(
    `${name} is written for ${misfit.api}, and Tomcat ${found.major} (${found.by}) has ${apiOf(found.major)} (${misfit.className} in ${misfit.place} uses ${misfit.names}): set app.archive or app.home to a Tomcat ${isOld ? '9, ' : '10 or 11, '}and take Redisson's jars for it, redisson-tomcat-${isOld ? '9' : '10 or -11'}${isOld ? ", or convert the WAR with Tomcat's migration tool for Jakarta EE" : ''}.`,
  );
}

async function placesOf(root: string, war: string): Promise<readonly ClassPlace[]> {
  const own = path.join(root, 'WEB-INF', 'classes');
  const names = await readdir(own, { recursive: true }).catch(() => []);
  const classes = [];
  for (const each of names.map((one) => one.replaceAll(path.sep, '/')).filter(isCounted)) {
    const file = path.join(own, each);
    const { size } = await stat(file);
    const found = size <= LONGEST_CLASS_BYTES ? readClassFile(await readFile(file).catch(() => Buffer.alloc(0)), nameOf(each)) : undefined;
    if (found) classes.push(found);
  }
  const places: ClassPlace[] = [{ place: 'WEB-INF/classes', isOwn: true, classes }];
  const jars = await readdir(path.join(root, 'WEB-INF', 'lib'), { withFileTypes: true }).catch(() => []);
  for (const jar of jars.filter((entry) => entry.isFile() && entry.name.endsWith('.jar'))) {
    const place = `WEB-INF/lib/${jar.name}`;
    const refuse = (problem: string) =>
      new InvalidRelease(`Tomcat cannot open ${place} in ${war}: ${problem}. Remove it, or build the WAR again.`);
    places.push({ place, isOwn: false, classes: await readJarClasses(path.join(jar.parentPath, jar.name), refuse) });
  }
  return places;
}

/** The largest class by far in many applications has some 300 KB. */
const LONGEST_CLASS_BYTES = 1024 ** 2;
const LONGEST_JAR_BYTES = 256 * 1024 ** 2;
const MOST_ENTRIES = 100_000;
/** Of all classes of one jar, unpacked. */
const MOST_BYTES = 512 * 1024 ** 2;
/** Of a file's own header in a ZIP, without its name and what follows that. */
const HEADER_BYTES = 30;

/** Not counted: classes for another Java than the one that runs, and descriptions of modules, which a class path does not load. */
const isCounted = (name: string): boolean =>
  name.endsWith('.class') && !name.startsWith('META-INF/') && !/(^|\/)module-info\.class$/.test(name);

/** Of a class, by that of its file below the root of a class path. */
const nameOf = (file: string): string => file.replace(/\.class$/, '');

/**
 * @returns nothing of a jar that is past the bounds: the server's own error describes it
 * @throws InvalidRelease by `refuse` for a jar that Java cannot open
 */
async function readJarClasses(file: string, refuse: (problem: string) => InvalidRelease): Promise<readonly ClassFile[]> {
  const blob = await openAsBlob(file);
  const { entries } = await readDirectory(blob, refuse);
  if (blob.size > LONGEST_JAR_BYTES || entries.length > MOST_ENTRIES) return [];
  const bytes = await readFile(file);
  const classes: ClassFile[] = [];
  let left = MOST_BYTES;
  for (const entry of entries) {
    if (entry.directory || !isCounted(entry.filename)) continue;
    const content = contentOf(entry, bytes);
    left -= content?.length ?? 0;
    if (left < 0) return classes;
    const found = content && readClassFile(content, nameOf(entry.filename));
    if (found) classes.push(found);
  }
  return classes;
}

/** A few milliseconds less per jar than through the library, which makes a stream for each class. */
function contentOf({ offset, compressedSize, compressionMethod }: Entry, bytes: Buffer): Buffer | undefined {
  if (offset + HEADER_BYTES > bytes.length) return undefined;
  const begin = offset + HEADER_BYTES + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  const raw = bytes.subarray(begin, begin + compressedSize);
  if (compressionMethod === 0) return raw.length <= LONGEST_CLASS_BYTES ? raw : undefined;
  try {
    return inflateRawSync(raw, { maxOutputLength: LONGEST_CLASS_BYTES });
  } catch {
    // Damaged, or larger than any class.
    return undefined;
  }
}

/** Whether a WAR's classes run in the fleet's Tomcat and Java. Pure. */

/** Classes of one place of a WAR: `WEB-INF/classes`, or a jar in `WEB-INF/lib`. */
export interface ClassPlace {
  readonly place: string;
  readonly isOwn: boolean;
  readonly classes: readonly ClassFile[];
}

/** What Tomcat asks of a class that it runs. */
const PART = /^(?:javax|jakarta)\/servlet\/(?:(?:http\/)?\w*(?:Servlet|Filter|Listener)|ServletContainerInitializer)$/;

const isOfApi = (name: string): boolean => /^(javax|jakarta)\/servlet\//.test(name);
/** A servlet, filter, listener or initializer. The servlet API's own, which some WARs contain and Tomcat leaves out, is none. */
const isPart = ({ name, parents }: ClassFile): boolean => !isOfApi(name) && parents.some((parent) => PART.test(parent));
const apisOf = (classes: readonly ClassFile[]): ReadonlySet<ServletApi> =>
  new Set(classes.flatMap(({ name, servlet }) => (isOfApi(name) ? [] : [...servlet.keys()])));
const dotted = (name: string): string => name.replaceAll('/', '.');

export interface Misfit {
  readonly api: ServletApi;
  /** The class that shows it, and where it is. */
  readonly className: string;
  readonly place: string;
  /** What it names of the API. */
  readonly names: string;
}

/**
 * A class that shows that the WAR is written for the other servlet API than the Tomcat's. A library that has both is a bridge, and one that
 * nobody uses may have the wrong one: of libraries, those count that web.xml names, or all if nothing in the WAR fits.
 * @param declared names of the servlets, filters and listeners in web.xml
 */
export function findMisfit(places: readonly ClassPlace[], api: ServletApi, declared: ReadonlySet<string>): Misfit | undefined {
  const other = SERVLET_APIS.find((one) => one !== api) as ServletApi;
  const misfitIn = ({ place, classes }: ClassPlace, counts: (one: ClassFile) => boolean): Misfit | undefined => {
    const found = classes.find((one) => !isOfApi(one.name) && one.servlet.has(other) && !one.servlet.has(api) && counts(one));
    return found && { api: other, className: dotted(found.name), place, names: dotted(found.servlet.get(other) ?? '') };
  };
  for (const each of places) {
    const found = misfitIn(each, (one) => declared.has(dotted(one.name)) && isPart(one));
    if (found) return found;
  }
  const own = places.filter(({ isOwn }) => isOwn);
  const libraries = places.filter(({ isOwn, classes }) => !isOwn && classes.some(isPart));
  const ownApis = apisOf(own.flatMap(({ classes }) => classes));
  if (ownApis.has(api)) return undefined;
  const fits = libraries.some(({ classes }) => apisOf(classes.filter(isPart)).has(api));
  const judged = ownApis.has(other) ? own : fits ? [] : libraries;
  for (const each of judged) {
    const found = misfitIn(each, (one) => each.isOwn || isPart(one));
    if (found) return found;
  }
  return undefined;
}

export interface TooNew {
  readonly className: string;
  readonly place: string;
  readonly java: number;
}

/**
 * A class that needs a newer Java than the fleet's: one of the WAR's own, or of a library with servlets, filters or listeners all of
 * whose classes do. A library can have some classes for a newer Java, which it loads there alone.
 */
export function findTooNew(places: readonly ClassPlace[], java: number): TooNew | undefined {
  for (const { place, isOwn, classes } of places) {
    if (!isOwn && !(classes.some(isPart) && classes.every((one) => one.java > java))) continue;
    const newest = classes.reduce<ClassFile | undefined>((most, one) => (one.java > (most?.java ?? java) ? one : most), undefined);
    if (newest) return { className: dotted(newest.name), place, java: newest.java };
  }
  return undefined;
}

const FIRST_JAKARTA = 10;
/** The servlet API of a Tomcat by its main version. */
export const apiOf = (tomcat: number): ServletApi => (tomcat >= FIRST_JAKARTA ? 'jakarta.servlet' : 'javax.servlet');
