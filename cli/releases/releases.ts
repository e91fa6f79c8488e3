import path from 'node:path';
import { BUNDLE_EVENTS, type Bundle, hookSeconds } from '../../functions/shared/app-contract.ts';
import { counted } from '../../functions/shared/texts.ts';
import { bundleRight } from '../../infra/config/app-kind.ts';
import { readConfig } from '../../infra/config.ts';
import { IS_PACKAGE, OWN_FOLDER } from '../../infra/own-files.ts';
import { choosePlace } from '../choose-place.ts';
import type { CloudOptions } from '../cloud.ts';
import { readCloudState, scratchFolder } from '../cloud-state.ts';
import { commandFor } from '../command-options.ts';
import { deployTo } from '../deploy/deploy.ts';
import { badInput } from '../failure.ts';
import { type ChangeOptions, connectToChange, connectToRead } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import { ageText, bytesText, type Output, table } from '../output.ts';
import { connectPublisher, publishRelease } from './connect-publisher.ts';
import { type SecretFile, secretWarning } from './list-files.ts';
import type { ReleaseContent } from './package-release.ts';
import { isWar, withReleaseOfWar } from './tomcat/publish-war.ts';

export interface PublishOptions extends ChangeOptions {
  /** File of the configuration, for a WAR or a bundle. @default the local cloud's; on AWS holdfast.config.json */
  readonly config?: string;
  /** Of a bundle: servers then take what they run for the release. */
  readonly adopt?: true;
  readonly acceptDifferences?: true;
}

/** Between two lines about an upload: a log keeps them all. */
const PROGRESS_MS = 5_000;

/** Packages a folder, uploads it and has the fleet's function publish it as a release. Of a WAR a release is made first. */
export async function publish(version: string, releasePath: string, options: PublishOptions, output: Output): Promise<number> {
  const { adopt, acceptDifferences } = options;
  if (acceptDifferences && !adopt) throw badInput('InvalidOption', '--accept-differences needs --adopt. Nothing was published.');
  const cloud = await connectToChange(options);
  output.at(cloud);
  const workFolder = scratchFolder();
  let secrets: readonly SecretFile[] = [];
  const packaged = (content: ReleaseContent, archiveBytes: number): void => {
    for (const line of contentLines(content, archiveBytes)) output.print(line);
    if (content.bundle) for (const line of bundleLines(content.bundle, cloud.fleet)) output.print(line);
    secrets = content.secrets;
    // On standard error, so that a pipeline that reads the result shows it as well.
    if (secrets.length > 0) output.progress(secretWarning(secrets));
    if (content.proposal !== undefined) output.progress(content.proposal);
  };
  const sent = uploadProgress(output.progress, PROGRESS_MS);
  const publishPath = async (releaseOrFolder: string) => {
    const publisher = connectPublisher(cloud);
    const bundleFleet = async () => readConfig(await configFileOf(options)).fleets[cloud.fleet];
    const request = { publisher, version, path: releaseOrFolder, workFolder, bundleFleet, packaged, sent };
    return publishRelease(request).finally(() => publisher.close());
  };
  const published = (await isWar(releasePath))
    ? await withReleaseOfWar(
        { war: releasePath, configFile: await configFileOf(options), fleet: cloud.fleet, workFolder },
        async (folder, warnings) => {
          for (const warning of warnings) output.progress(warning);
          return publishPath(folder);
        },
      )
    : await publishPath(releasePath);
  const { release } = published;
  const { sha256, sizeBytes } = release;
  const { missing = [] } = published;
  if (missing.length > 0)
    output.progress(
      `warning: ${version} requires ${missing.join(', ')}, which fleet ${cloud.fleet} does not have: its deploys are refused. Add them to its environment.`,
    );
  if (adopt && release.app.bundle === undefined)
    throw badInput('InvalidOption', `--adopt is for CodeDeploy bundles, and ${version} is none. It is published, and no server was asked.`);
  const text =
    published.result === 'published'
      ? `published ${version}: ${sizeBytes} bytes, SHA-256 ${sha256}`
      : `${version} is already published with the same content`;
  if (adopt) {
    output.print(text);
    return deployTo(openStores(cloud, 'records', 'stepFunctions'), version, { adopt: acceptDifferences ? 'differences' : 'equal' }, output);
  }
  output.result({ release: { result: published.result, version, sha256, sizeBytes, secrets, missing } }, () => text);
  return 0;
}

/** The configuration that a WAR or bundle is made a release with: without `config`, the one of the cloud that it is published to. */
export async function configFileOf(options: PublishOptions, readState = readCloudState): Promise<string> {
  const { config, region } = options;
  if (config !== undefined) return path.resolve(config);
  const found = IS_PACKAGE ? choosePlace(options, process.env, process.cwd()).configFile : undefined;
  if (found !== undefined) return found;
  const state = region === undefined ? await readState() : undefined;
  return path.join(state?.runFolder ?? (IS_PACKAGE ? '' : OWN_FOLDER), 'holdfast.config.json');
}

/** Lists a fleet's releases, newest first, and marks the current one. */
export async function list(options: CloudOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options), 'records');
  output.at(cloud);
  const [releases, fleet] = await Promise.all([cloud.records.listReleases(cloud.fleet), cloud.records.getFleet(cloud.fleet)]);
  const nowMs = Date.now();
  const value = releases.map(({ version, sha256, sizeBytes, publishedAtMs, publishedBy }) => ({
    version,
    current: version === fleet?.currentVersion,
    sha256,
    sizeBytes,
    publishedAtMs,
    publishedBy,
  }));
  output.result({ releases: value }, () =>
    value.length === 0
      ? `No releases yet. Publish one with: ${commandFor(cloud, 'releases publish VERSION PATH')}`
      : table([
          ['VERSION', '', 'PUBLISHED', 'AGE', 'BYTES', 'SHA-256'],
          ...value.map((r) => [
            r.version,
            r.current ? 'current' : '',
            new Date(r.publishedAtMs).toISOString(),
            ageText(nowMs - r.publishedAtMs),
            String(r.sizeBytes),
            r.sha256.slice(0, 16),
          ]),
        ]),
  );
}

/** What is in the archive: all of the folder. */
export function contentLines({ files, bytes, largest }: ReleaseContent, archiveBytes: number): readonly string[] {
  const first = `${counted(files, 'file')}, ${bytesText(bytes)}, ${bytesText(archiveBytes)} as an archive; nothing was left out`;
  return [first, `largest: ${largest.map(({ name, sizeBytes }) => `${name} (${bytesText(sizeBytes)})`).join(', ')}`];
}

/** The scripts of each event with the longest that they take, and whose right this is. */
export const bundleLines = (bundle: Bundle, fleet: string): readonly string[] => [
  ...BUNDLE_EVENTS.flatMap((event) => {
    const scripts = bundle.hooks[event]?.map(({ location, runas }) => (runas === undefined ? location : `${location} as ${runas}`));
    return scripts ? [`${event}: ${scripts.join(', ')} (at most ${hookSeconds(bundle, [event])} s)`] : [];
  }),
  bundleRight(fleet),
];

/** Below this, an upload is done before a first line would be read. */
const REPORTED_BYTES = 20_000_000;

/** @param everyMs between two lines: a log keeps them all */
export function uploadProgress(print: (line: string) => void, everyMs: number, now = performance.now.bind(performance)) {
  let printedMs = now();
  return (bytes: number, total: number): void => {
    if (total < REPORTED_BYTES || now() - printedMs < everyMs) return;
    printedMs = now();
    print(`uploaded ${bytesText(bytes)} of ${bytesText(total)} (${Math.floor((bytes / total) * 100)} %)`);
  };
}
