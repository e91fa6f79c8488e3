/** Models server/documents/stage_assets.py. */
import type { StageAssetsOutput } from '../../../../../functions/instance/document-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import { isStale, numberOf, printed, type Script } from './script.ts';

export const stageAssets: Script = async (context) => {
  const { machine, process, parameters } = context;
  const { version = '', sha256, wanted = '' } = parameters;
  const token = numberOf(context, 'fencingToken');
  const failed = (error: Extract<StageAssetsOutput, { result: 'failed' }>['error'], message: string) =>
    printed({ result: 'failed', error, message } satisfies StageAssetsOutput, 1);
  if (isStale(machine, token)) return failed('StaleFencingToken', `a deploy with a fencing token above ${token} works on this instance`);
  await process.sleep(machine.random.whole(50, 2_000));
  const { assets: before, current } = machine.disk;
  const assets = new Set(before);
  if (version !== NO_RELEASE && !assets.has(version)) {
    if (context.archiveSha256 === undefined) return failed('DownloadFailed', 'release.tar.gz was not downloaded');
    if (context.archiveSha256 !== sha256) return failed('ChecksumMismatch', `expected SHA-256 ${sha256}`);
    if (machine.disk.full) return failed('InvalidRelease', 'the archive needs 87108864 bytes, and the server has 1048576 free');
    assets.add(version);
  }
  const kept = wanted.split(',').filter((each) => assets.has(each));
  machine.disk.assets = new Set(kept);
  const served = kept.includes(version) && version !== current && current !== NO_RELEASE;
  return printed({ result: 'staged', staged: kept, ...(served && { served }) } satisfies StageAssetsOutput);
};
