/** Makes a release of a WAR: a folder with holdfast.app.json, which is then published as any other. */

import { openAsBlob } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { APP_CONTRACT_FILE } from '../../../functions/shared/app-contract.ts';
import { OWN_LIVE_PATH, sessionManagerOf } from '../../../infra/config/app-kind.ts';
import { DEFAULT_LIMITS, listFiles } from '../list-files.ts';
import { InvalidRelease, reasonOf } from '../release-errors.ts';
import { readDirectory, unpackZip } from '../unpack-zip.ts';
import { addLibraries, addTomcat } from './add-files.ts';
import { checkClasses } from './check-classes.ts';
import { checkCluster, checkVersions, LEAST_TOMCATS } from './check-tomcat-cluster.ts';
import { checkManager, checkWar } from './check-war.ts';
import { compileValves } from './compile-valves.ts';
import { contractOf, type Filling, fillIn, type TomcatFleet } from './contract-of.ts';

export interface TomcatRelease {
  readonly war: string;
  readonly fleet: TomcatFleet;
  /** Folder that the configuration's paths are relative to. @default the working folder */
  readonly configFolder?: string;
  /** Where the release is made. It must not exist. */
  readonly folder: string;
}

const FILES = path.join(import.meta.dirname, '../../../server/tomcat/files');
/**
 * @returns `folder`
 * @throws InvalidRelease with one sentence about the WAR, the libraries, the configuration or a missing JDK
 */
export async function buildTomcatRelease({ war, fleet, configFolder = '.', folder }: TomcatRelease): Promise<string> {
  const { app } = fleet;
  const place = (file: string): string => path.resolve(configFolder, file);
  const manager = sessionManagerOf(fleet);
  await mkdir(folder, { recursive: true });
  try {
    const root = path.join(folder, 'webapps', 'ROOT');
    await unpackZip(war, root, DEFAULT_LIMITS, 'a WAR');
    await checkWar(war, root);
    await addLibraries(app.libraries && place(app.libraries), path.join(folder, 'lib'), manager);
    const scansLibraries = await hasTagLibraries(path.join(folder, 'lib'));
    const jars = await compileValves();
    await writeFile(path.join(folder, 'lib', 'holdfast-tomcat.jar'), jars.valves);
    if (app.archive !== undefined) await addTomcat(place(app.archive), path.join(folder, 'tomcat'));
    await checkClasses(war, folder, fleet);
    await addConf(folder, { fleet, scansLibraries }, app.conf && place(app.conf));
    await checkServerXml(fleet, folder);
    if (manager === 'cluster') await checkCluster(war, folder, app.archive !== undefined);
    if (manager === 'redisson') {
      await checkManager(war, folder);
      await checkVersions(folder);
    }
    await cp(path.join(FILES, 'bin'), path.join(folder, 'bin'), { recursive: true });
    await writeFile(path.join(folder, 'bin', 'holdfast-log.jar'), jars.logging);
    await writeJson(path.join(folder, 'bin', 'tomcat.json'), {
      home: app.home ?? null,
      javaHome: app.javaHome ?? null,
      leastJava: app.leastJava,
      ...(manager === 'cluster' && { leastTomcats: LEAST_TOMCATS }),
      statusPort: app.statusPort,
      sessionManager: manager,
      javaOptions: app.javaOptions,
    });
    await writeJson(path.join(folder, APP_CONTRACT_FILE), contractOf(fleet, await sessionCookieOf(folder)));
    await levelModes(folder);
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The configuration files of a release, then the fleet's own over them. */
async function addConf(folder: string, filling: Filling, own: string | undefined): Promise<void> {
  const conf = path.join(folder, 'conf');
  await mkdir(conf);
  for (const name of await readdir(path.join(FILES, 'conf'))) {
    await writeFile(path.join(conf, name), fillIn(await readFile(path.join(FILES, 'conf', name), 'utf8'), filling));
  }
  if (own === undefined) return;
  try {
    // Judged first, and links copied as they are: a link to elsewhere on this machine ends here, and what it leads to is not read.
    if ((await stat(own)).isDirectory()) await listFiles(own, DEFAULT_LIMITS);
    await cp(own, conf, { recursive: true, verbatimSymlinks: true });
  } catch (error) {
    throw new InvalidRelease(`Cannot read app.conf ${JSON.stringify(own)}: ${reasonOf(error).replace(/\.$/, '')}.`);
  }
}

/** The same content is the same release whatever the umask here; and the servers' service can read what root installs. */
async function levelModes(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    // chmod follows a link, and would change a file of this machine.
    if (!entry.isSymbolicLink()) await chmod(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

const writeJson = (file: string, value: object): Promise<void> => writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);

const OURS = 'server/tomcat/files/conf/server.xml';

/**
 * Refuses a fleet's own server.xml without the valves that answer the contract's paths: without them no server would be ready, or the
 * load balancer would find none healthy.
 * @param folder the release, with its configuration
 * @throws InvalidRelease
 */
async function checkServerXml({ app }: TomcatFleet, folder: string): Promise<void> {
  const text = (await readFile(path.join(folder, 'conf', 'server.xml'), 'utf8')).replace(/<!--[\s\S]*?-->/g, '');
  const has = (valve: string): boolean => text.includes(`"holdfast.${valve}"`);
  if (app.health.ready === undefined && !(has('StatusValve') && has('DeployGuard'))) {
    throw new InvalidRelease(
      `server.xml in app.conf has no holdfast.StatusValve and holdfast.DeployGuard, which answer the deploy's readiness check: add them as ${OURS} has them, or name a page of the application in app.health.ready.`,
    );
  }
  if (app.health.loadBalancer === OWN_LIVE_PATH && !has('LiveValve')) {
    throw new InvalidRelease(
      `server.xml in app.conf has no <Valve className="holdfast.LiveValve" path="${OWN_LIVE_PATH}"/>, which answers the load balancer: add it to the Engine, or name a path of the application in app.health.loadBalancer.`,
    );
  }
}

/** Where a jar has the descriptors of its tags. */
const DESCRIPTOR = /^META-INF\/.*\.tld$/;

/**
 * Whether a jar in `lib` has tags for JSP pages, which Tomcat finds there only when it reads every jar at its start.
 * @throws InvalidRelease when a jar cannot be read
 */
async function hasTagLibraries(lib: string): Promise<boolean> {
  let found = false;
  for (const name of (await readdir(lib)).filter((each) => each.endsWith('.jar'))) {
    const refuse = (problem: string) => new InvalidRelease(`${name} in app.libraries is not a jar: ${problem}.`);
    const { entries } = await readDirectory(await openAsBlob(path.join(lib, name)), refuse);
    found ||= entries.some(({ filename }) => DESCRIPTOR.test(filename));
  }
  return found;
}

/** Tomcat's own, unless the application has another. */
const TOMCAT_COOKIE = 'JSESSIONID';

/** Where Tomcat takes the name from, the strongest first. */
const PLACES = [
  ['webapps/ROOT/META-INF/context.xml', /<Context\s[^>]*\bsessionCookieName\s*=\s*["']([^"']*)["']/],
  ['conf/context.xml', /<Context\s[^>]*\bsessionCookieName\s*=\s*["']([^"']*)["']/],
  ['webapps/ROOT/WEB-INF/web.xml', /<cookie-config>(?:(?!<\/cookie-config>).)*?<name>\s*([^<]*?)\s*<\/name>/s],
] as const;

/**
 * Name of the cookie that carries the session's id, by the files of a release. An application that sets the name by program needs
 * `app.session.cookie`.
 * @param folder the release, with the WAR's content and its configuration
 * @see https://tomcat.apache.org/tomcat-10.1-doc/config/context.html
 */
async function sessionCookieOf(folder: string): Promise<string> {
  for (const [file, pattern] of PLACES) {
    const text = await readFile(path.join(folder, file), 'utf8').catch(() => '');
    const [, name] = pattern.exec(text.replaceAll(/<!--.*?-->/gs, '')) ?? [];
    if (name) return name;
  }
  return TOMCAT_COOKIE;
}
