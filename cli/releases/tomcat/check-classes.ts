/** Refuses a WAR whose classes do not run in the fleet's Tomcat and Java: without this, the first server's start would show it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { javaOf, tomcatOfHome } from '../../../infra/config/app-kind.ts';
import { InvalidRelease } from '../release-errors.ts';
import { tomcatOf } from './check-versions.ts';
import { textOf } from './check-war.ts';
import { readClassFile } from './class-file.ts';
import type { TomcatFleet } from './contract-of.ts';
import { apiOf, type ClassPlace, findMisfit, findTooNew } from './judge-classes.ts';
import { isCounted, LONGEST_CLASS_BYTES, nameOf, readJarClasses } from './read-jar-classes.ts';

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
