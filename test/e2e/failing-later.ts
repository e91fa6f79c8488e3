/** Publishes the release of fails-later.ts. */
import path from 'node:path';
import { writeFailsLater } from './fails-later.ts';
import { kept, publish } from './fleet.ts';

export async function publishFailsLater(version: string): Promise<void> {
  const folder = path.join(kept.runFolder, 'fails-later', version);
  await publish(version, await writeFailsLater(folder, path.join(kept.runFolder, `marks-${version}`), 'errors'));
}
