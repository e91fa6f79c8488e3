/** Publishes releases of a server on this machine. */
import path from 'node:path';
import type { Cloud } from '../../cli/cloud.ts';
import { connectPublisher, publishRelease } from '../../cli/releases/connect-publisher.ts';
import type { LocalApp } from './app/local-app.ts';

interface AppToPublish {
  readonly cloud: Cloud;
  readonly app: Pick<LocalApp, 'build'>;
  readonly version: string;
  /** Builds and archives are written here. */
  readonly runFolder: string;
  readonly signal: AbortSignal;
}

export async function publishApp({ cloud, app, version, runFolder, signal }: AppToPublish): Promise<void> {
  signal.throwIfAborted();
  const folder = path.join(runFolder, 'example', version);
  const built = await app.build({ version, folder, temporary: path.join(runFolder, 'tmp'), signal });
  signal.throwIfAborted();
  const publisher = connectPublisher(cloud);
  const request = { publisher, version, path: built, workFolder: path.join(runFolder, 'release-work') };
  await publishRelease(request).finally(() => publisher.close());
}
