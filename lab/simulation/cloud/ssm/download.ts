/** The step aws:downloadContent of install-release. */

import type { ParameterValue } from '#local-aws/ssm/parameter-values.ts';
import { NO_RELEASE } from '../../../../functions/shared/version.ts';
import type { Releases } from '../releases.ts';
import type { Machine } from '../servers/machine.ts';
import type { ScriptProcess } from '../servers/script-process.ts';
import type { ScriptResult } from './scripts/script.ts';

const DOWNLOAD_MS = [300, 6_000] as const;
/** The SDK's attempts, until the agent gives up on S3. */
const GIVE_UP_MS = [2_000, 30_000] as const;

/** What a step ended with. */
export interface StepEnd extends ScriptResult {
  /** SHA-256 of the archive that the step downloaded. */
  readonly archiveSha256?: string;
}

export async function download(
  machine: Machine,
  process: ScriptProcess,
  releases: Releases,
  values: Readonly<Record<string, ParameterValue>>,
): Promise<StepEnd> {
  const version = String(values['version']);
  const release = version === NO_RELEASE ? undefined : releases.get(version);
  // A release that is bad by its archive has the right one of its assets.
  const isOfAssets = String(values['releaseUrl']).endsWith('/assets.tar.gz');
  const archiveSha256 = isOfAssets ? release?.sha256 : release?.archiveSha256;
  const fails = machine.failingDownloads > 0;
  if (fails) machine.failingDownloads -= 1;
  if (archiveSha256 === undefined || fails) {
    // The archive of `none` does not exist: S3 says so at once.
    await process.sleep(version === NO_RELEASE ? 300 : machine.random.whole(...GIVE_UP_MS));
    return { code: 1, stdout: '', stderr: `failed to download ${String(values['releaseUrl'])}` };
  }
  await process.sleep(machine.random.whole(...DOWNLOAD_MS));
  return { code: 0, stdout: 'Content downloaded', stderr: '', archiveSha256 };
}
