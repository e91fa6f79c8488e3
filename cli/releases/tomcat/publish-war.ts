import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { readConfig } from '../../../infra/config.ts';
import { pagePath } from '../../../infra/own-files.ts';
import { InvalidRelease } from '../release-errors.ts';
import { buildTomcatRelease } from './build-release.ts';
import { releaseWarnings } from './check-war.ts';

/** This file is what others import of the making of releases from WARs (layers.test.ts). */
export { buildTomcatRelease } from './build-release.ts';

/** What every ZIP begins with. */
const MAGIC = 'PK';

/** What begins as a WAR does, and is none. */
const OTHER_ARCHIVES = /\.(zip|jar)$/i;

/** A file that is named or begins as a WAR; false for what is not there, which publishing itself reports. */
export async function isWar(file: string): Promise<boolean> {
  const opened = await open(file).catch(() => undefined);
  if (opened === undefined) return false;
  try {
    if (!(await opened.stat()).isFile()) return false;
    const { buffer } = await opened.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    if (/\.war$/i.test(file)) return true;
    return buffer.toString('latin1') === MAGIC && !OTHER_ARCHIVES.test(file);
  } finally {
    await opened.close();
  }
}

export interface WarToPublish {
  readonly war: string;
  /** What its `app` names is relative to it. */
  readonly configFile: string;
  readonly fleet: string;
  readonly workFolder: string;
}

/**
 * Makes the release of a WAR, and removes it after `use`, which gets its folder and what there is to warn of.
 * @throws InvalidRelease when it cannot be made; InvalidConfiguration
 */
export async function withReleaseOfWar<T>(
  { war, configFile, fleet, workFolder }: WarToPublish,
  use: (folder: string, warnings: readonly string[]) => Promise<T>,
): Promise<T> {
  const config = readConfig(configFile).fleets[fleet];
  if (config?.app?.kind === 'bundle')
    throw new InvalidRelease(
      `${JSON.stringify(war)} is a WAR, and fleet ${fleet} takes CodeDeploy bundles: publish the folder of its appspec.`,
    );
  if (config?.app?.kind !== 'tomcat') {
    throw new InvalidRelease(
      `${JSON.stringify(war)} is a WAR, and fleet ${fleet} has no "app" of kind "tomcat" in ${configFile}: add one (${pagePath('docs/tomcat.md')}), or publish a folder with holdfast.app.json.`,
    );
  }
  await mkdir(workFolder, { recursive: true });
  const temporary = await mkdtemp(path.join(workFolder, 'war-'));
  try {
    const { app, port, strategy, stickiness, runtimePackages } = config;
    const folder = path.join(temporary, 'release');
    const tomcatFleet = { app, port, strategy, stickiness, runtimePackages };
    await buildTomcatRelease({ war, fleet: tomcatFleet, configFolder: path.dirname(configFile), folder });
    return await use(folder, await releaseWarnings(folder, tomcatFleet));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
