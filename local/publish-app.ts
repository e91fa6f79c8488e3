/** Publishes releases of a server on this machine: a folder as it is, or the Node example, which is built first. */
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Cloud } from '../cli/cloud.ts';
import { connectPublisher } from '../cli/release/connect-publisher.ts';
import { publishRelease } from '../cli/release/publish-release.ts';

export const EXAMPLE = path.resolve(import.meta.dirname, '../examples/node-app');

export interface AppToPublish {
  readonly cloud: Cloud;
  /** @default the Node example */
  readonly folder?: string;
  readonly version: string;
  /** Builds and archives are written here. */
  readonly runFolder: string;
  readonly signal: AbortSignal;
}

export async function publishApp({ cloud, folder, version, runFolder, signal }: AppToPublish): Promise<void> {
  signal.throwIfAborted();
  const built = folder ?? (await buildExample(version, runFolder, signal));
  signal.throwIfAborted();
  const publisher = connectPublisher(cloud);
  const request = { publisher, version, path: built, workFolder: path.join(runFolder, 'release-work') };
  await publishRelease(request).finally(() => publisher.close());
}

/** Runs the example's own build. */
async function buildExample(version: string, runFolder: string, signal: AbortSignal): Promise<string> {
  const folder = path.join(runFolder, 'example', version);
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), '--version', version, '--out', folder], {
    env: { ...process.env, TMPDIR: path.join(runFolder, 'tmp') },
    timeout: 30_000,
    signal,
  });
  return folder;
}
