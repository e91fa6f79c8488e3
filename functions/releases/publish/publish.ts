import type { Records } from '../../records/records.ts';
import type { ReleaseRecord } from '../../records/types.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { assetsKey, incomingReleaseKey, releaseKey } from '../../shared/naming.ts';
import type { Archives, StoredArchive } from './archives.ts';
import type { PublishReply, PublishStatement, RefusalName } from './contract.ts';

/** The function's own limit. Copying 5 GB within S3 takes a minute or two. */
export const PUBLISH_LIMIT_SECONDS = 300;
/** After this time, the function that copied an archive no longer runs, and will not record it. Twice the limit, since clocks differ. */
const ABANDONED_AFTER_MS = 2 * PUBLISH_LIMIT_SECONDS * 1_000;

export type PublishPorts = { readonly records: Records; readonly archives: Archives; readonly log: Log; readonly now: () => number };

/** What is published, and for which fleet. */
export type Publication = PublishStatement & { readonly fleet: string };

/** Any number of calls at once record one release; a repeated one changes nothing. */
export async function publishArchive(ports: PublishPorts, statement: Publication): Promise<PublishReply> {
  const { records, archives } = ports;
  const { fleet, version, sha256 } = statement;
  const incomingKey = incomingReleaseKey(fleet, version, sha256);
  const [existing, uploaded] = await Promise.all([records.getRelease(fleet, version), archives.find(incomingKey)]);
  // The release is on record, but its archive is not in place: an earlier call ended between the two, while it replaced an abandoned
  // archive.
  const isIncomplete =
    existing?.sha256 === sha256 &&
    ((await archives.find(releaseKey(fleet, version)))?.sha256 !== sha256 || !(await hasAssets(archives, existing)));
  if (!uploaded && (!existing || isIncomplete)) return { result: 'uploadFirst' };
  const reply =
    uploaded && (!existing || isIncomplete)
      ? await publishUploaded(ports, statement, uploaded, existing)
      : compare(existing as ReleaseRecord, statement);
  if (uploaded) await removeIncoming(ports, incomingKey);
  if (uploaded && statement.assets) await removeIncoming(ports, incomingReleaseKey(fleet, version, statement.assets.sha256));
  return reply;
}

/** It may be published first, and the variables added later: deploys compare again. */
export function withMissing(reply: PublishReply, variables: readonly string[]): PublishReply {
  if (!('release' in reply)) return reply;
  const missing = (reply.release.app.requires ?? []).filter((name) => !variables.includes(name));
  return missing.length === 0 ? reply : { ...reply, missing };
}

/** Scripts of a bundle run as root: a fleet's configuration alone decides whether it takes them, and then it takes nothing else. */
export function refuseOtherKind({ fleet, version, app }: Publication, takesBundles: boolean): PublishReply | undefined {
  if ((app.bundle !== undefined) === takesBundles) return undefined;
  const message = takesBundles
    ? `Fleet ${fleet} takes CodeDeploy bundles, and ${version} is none. Nothing was published. Publish a folder with an appspec.yml.`
    : `Release ${version} is a CodeDeploy bundle, and fleet ${fleet} has no "app" of kind "bundle". Nothing was published. Add one to its configuration and deploy that first, or publish a folder with holdfast.app.json.`;
  return refuse('InvalidRequest', message);
}

const hasAssets = async (archives: Archives, { fleet, version, assets }: ReleaseRecord): Promise<boolean> =>
  assets === undefined || (await archives.find(assetsKey(fleet, version)))?.sha256 === assets.sha256;

/** Only once the release is on record: its record decides which archive of assets is the right one. False when that was not uploaded. */
async function placeAssets({ archives }: PublishPorts, release: ReleaseRecord): Promise<boolean> {
  const { fleet, version, assets } = release;
  if (assets === undefined || (await hasAssets(archives, release))) return true;
  const from = incomingReleaseKey(fleet, version, assets.sha256);
  const [uploaded, found] = await Promise.all([archives.find(from), archives.find(assetsKey(fleet, version))]);
  if (uploaded?.sha256 !== assets.sha256 || uploaded.sizeBytes !== assets.sizeBytes) return false;
  return (await archives.copy(from, uploaded, assetsKey(fleet, version), found)) || hasAssets(archives, release);
}

async function publishUploaded(
  ports: PublishPorts,
  statement: Publication,
  uploaded: StoredArchive,
  existing: ReleaseRecord | undefined,
): Promise<PublishReply> {
  const { records, archives, log, now } = ports;
  const { fleet, version, sha256, sizeBytes, publishedBy } = statement;
  if (uploaded.sha256 !== sha256 || uploaded.sizeBytes !== sizeBytes) return mismatch(uploaded, statement);
  const found = await archives.find(releaseKey(fleet, version));
  // Another archive was copied here some time ago and never recorded: the function that copied it must have ended before.
  const isAbandoned = found !== undefined && found.sha256 !== sha256 && now() - found.modifiedAtMs > ABANDONED_AFTER_MS;
  const place = () => placeArchive(ports, statement, uploaded, found);
  // Usually the archive is put in place before the release is recorded. In the place of an abandoned one the record comes first: someone
  // could still publish the abandoned archive, and would then find this release on record.
  const isPlacedFirst = existing === undefined && !isAbandoned;
  if (isPlacedFirst && !(await place())) {
    const winner = await records.getRelease(fleet, version);
    return winner ? compare(winner, statement) : isRunning(statement);
  }
  const release: ReleaseRecord = existing ?? { ...statement, publishedAtMs: now() };
  const isNew = existing === undefined && (await records.putRelease(release));
  if (!isNew && !existing) {
    const winner = await records.getRelease(fleet, version);
    return winner ? compare(winner, statement) : refuse('PublishFailed', `Release ${version} was not recorded. ${TRY_AGAIN}`);
  }
  if (!isPlacedFirst && !(await place())) {
    return refuse('PublishFailed', `Release ${version} is on record, and its archive is not in its place yet. ${TRY_AGAIN}`);
  }
  if (!(await placeAssets(ports, release)))
    return refuse('PublishFailed', `Release ${version} is on record, and the archive of its assets is not in its place yet. ${TRY_AGAIN}`);
  if (!isNew) return { result: 'alreadyPublished', release };
  log.info(LOG_EVENTS.releasePublished, { fleet, version, sha256, publishedBy });
  return { result: 'published', release };
}

/** Puts the archive at its key, in the place of `found` if that is abandoned or not what is on record. False when another one is there. */
async function placeArchive(
  { archives, records }: PublishPorts,
  { fleet, version, sha256 }: Publication,
  uploaded: StoredArchive,
  found: StoredArchive | undefined,
): Promise<boolean> {
  if (found?.sha256 === sha256) return true;
  const key = releaseKey(fleet, version);
  const isOurs = (await records.getRelease(fleet, version))?.sha256 === sha256;
  const mayReplace = found === undefined || isOurs;
  if (mayReplace && (await archives.copy(incomingReleaseKey(fleet, version, sha256), uploaded, key, found))) return true;
  return (await archives.find(key))?.sha256 === sha256;
}

const isRunning = ({ fleet, version }: Publication): PublishReply =>
  refuse(
    'PublishRunning',
    `Another archive is being published as release ${version} of fleet ${fleet}. Nothing was changed. Publish this one under a new version, or try again in ${ABANDONED_AFTER_MS / 60_000} minutes.`,
  );

const compare = (existing: ReleaseRecord, { fleet, version, sha256 }: Publication): PublishReply =>
  existing.sha256 === sha256
    ? { result: 'alreadyPublished', release: existing }
    : refuse('ReleaseExists', `Fleet ${fleet} already has a release ${version} with other content: publish this one under a new version.`);

function mismatch({ sha256, sizeBytes }: StoredArchive, statement: Publication): PublishReply {
  const found = `${sizeBytes} bytes with ${sha256 === undefined ? 'no SHA-256 of the whole object' : `the SHA-256 ${sha256}`}`;
  return refuse(
    'ArchiveMismatch',
    `The uploaded archive of ${statement.version} has ${found}, and ${statement.sizeBytes} bytes with the SHA-256 ${statement.sha256} were announced. Nothing was published. ${TRY_AGAIN}`,
  );
}

const TRY_AGAIN = 'Run the same command again.';

export const refuse = (error: RefusalName, message: string): PublishReply => ({ result: 'refused', error, message });

/** What stays expires after a day. */
async function removeIncoming({ archives, log }: PublishPorts, key: string): Promise<void> {
  try {
    await archives.remove(key);
  } catch (error) {
    log.warn(LOG_EVENTS.incomingNotRemoved, { key, error: describeError(error) });
  }
}
