import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { releaseKey } from '../../../functions/shared/naming.ts';
import type { Clients } from '../clients.ts';
import type { ArchiveFacts, DeployLookups } from '../facts.ts';
import { aboutResource, known, type Lookup, lookUp, SKIPPED } from '../lookup.ts';
import type { Subject } from '../subject.ts';

/** The fleet's records, and the archive of the current release. */
export async function gatherReleases(
  { records, s3 }: Pick<Clients, 'records' | 's3'>,
  { fleet, recordsTable, releasesBucket }: Subject,
): Promise<Omit<DeployLookups, 'documents' | 'unreservedConcurrency'>> {
  const read = <T>(action: string, work: () => Promise<T>): Promise<Lookup<T>> =>
    lookUp(aboutResource('table', recordsTable, action, { absentOn: ['ResourceNotFoundException'] }), work);
  const [fleetRecord, releases, installed, lock] = await Promise.all([
    read('dynamodb:GetItem', () => records.getFleet(fleet)),
    read('dynamodb:Query', () => records.listReleases(fleet)),
    read('dynamodb:Query', () => records.getInstances(fleet)),
    read('dynamodb:GetItem', () => records.getLock(fleet)),
  ]);
  const deployId = known(fleetRecord)?.deployId;
  const lastDeploy = deployId === undefined ? SKIPPED : await read('dynamodb:GetItem', () => records.getDeploy(fleet, deployId));
  const current = known(releases)?.find(({ version }) => version === known(fleetRecord)?.currentVersion);
  const archive = current === undefined ? SKIPPED : await readArchive(s3, releasesBucket, releaseKey(fleet, current.version));
  return { fleetRecord, releases, installed, lastDeploy, lock, archive };
}

/** Without s3:ListBucket, S3 answers 403 for an object that does not exist, so the report names that permission as well. */
function readArchive(s3: S3Client, bucket: string, key: string): Promise<Lookup<ArchiveFacts>> {
  const about = aboutResource('archive', `s3://${bucket}/${key}`, 's3:GetObject (and s3:ListBucket)', {
    named: true,
    unlessAllowed: 'a policy that reads archives is more than readers have; a server refuses one whose checksum differs',
    absentOn: ['NotFound', 'NoSuchKey', 'NoSuchBucket'],
  });
  return lookUp(about, async () => {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }));
    return {
      sha256: head.ChecksumSHA256 === undefined ? undefined : Buffer.from(head.ChecksumSHA256, 'base64').toString('hex'),
      sizeBytes: head.ContentLength ?? 0,
    };
  });
}
