/** Makes a release of a WAR: a folder with holdfast.app.json, which is then published as any other. */
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { APP_CONTRACT_FILE } from '../../../functions/shared/app-contract.ts';
import { sessionManagerOf } from '../../../infra/config/app-kind.ts';
import { DEFAULT_LIMITS, listFiles } from '../list-files.ts';
import { InvalidRelease, reasonOf } from '../release-errors.ts';
import { addLibraries, addTomcat } from './add-files.ts';
import { checkServerXml } from './check-conf.ts';
import { checkCluster, LEAST_TOMCATS } from './check-tomcat-cluster.ts';
import { checkVersions } from './check-versions.ts';
import { checkManager, checkWar } from './check-war.ts';
import { compileValves } from './compile-valves.ts';
import { contractOf, type TomcatFleet } from './contract-of.ts';
import { type Filling, fillIn } from './fill-in.ts';
import { hasTagLibraries } from './has-tag-libraries.ts';
import { sessionCookieOf } from './session-cookie.ts';
import { unpackZip } from './unpack-zip.ts';

export interface TomcatRelease {
  readonly war: string;
  /** The fleet's configuration. */
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
  const manager = sessionManagerOf(app, fleet.strategy);
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
