/** What the files of one run synthesize is kept while the run lasts: the same configuration gives the same templates. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Names the folder. */
export const KEPT_SYNTHESES_ENV = 'HOLDFAST_TEST_SYNTHESES';

export default async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-syntheses-'));
  process.env[KEPT_SYNTHESES_ENV] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
