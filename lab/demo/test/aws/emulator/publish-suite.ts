import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { World } from '#local-aws/test/emulator/world.ts';
import type { Records } from '../../../../../functions/records/records.ts';
import { answerRequest } from '../../../../../functions/releases/publish/answer.ts';
import { s3Archives } from '../../../../../functions/releases/publish/archives.ts';
import type { PublishStatement } from '../../../../../functions/releases/publish/contract.ts';
import { publishArchive } from '../../../../../functions/releases/publish/publish.ts';
import { incomingReleaseKey, releaseKey } from '../../../../../functions/shared/naming.ts';
import { RELEASE, recordingLog } from '../../../../../test/functions/fakes/fixtures.ts';
import { memoryRecords } from '../../../../../test/functions/fakes/memory-records.ts';

const BUCKET = 'publishing';
const hex = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');

/** Publishing with S3 as it answers over the wire, and what a publisher can try. */
export function describePublishing(world: () => World): void {
  describe('publishing', () => {
    let s3: S3Client;
    let records: Records;
    let clock: { ms: number };

    beforeAll(async () => {
      s3 = new S3Client({ ...world().config, forcePathStyle: true });
      await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
      await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
    });
    afterAll(() => s3?.destroy());
    beforeEach(async () => {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
      records = memoryRecords();
      clock = { ms: Date.now() };
    });

    const statementOf = (content: string, version = '1.0.0'): PublishStatement => ({
      version,
      sha256: hex(content),
      sizeBytes: content.length,
      app: RELEASE.app,
      publishedBy: 'user/pia',
    });
    const incoming = ({ version, sha256 }: PublishStatement) => incomingReleaseKey('web', version, sha256);
    const put = (Key: string, Body: string, sha256 = hex(Body)) =>
      s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64') }));
    const keys = async () =>
      ((await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }))).Contents ?? []).map(({ Key }) => Key).toSorted();
    const archives = () => s3Archives(s3, s3, BUCKET);
    const ask = (request: unknown) => {
      const ports = { records, archives: archives(), log: recordingLog(), now: () => clock.ms };
      return answerRequest({ publish: (publication) => publishArchive(ports, publication), fleet: 'web' }, request);
    };
    const publish = async (content: string, version?: string) => {
      const statement = statementOf(content, version);
      await put(incoming(statement), content);
      return ask(statement);
    };

    it('records who published, as the caller states it, and removes the upload', async () => {
      expect(await publish('one')).toMatchObject({
        result: 'published',
        release: { version: '1.0.0', sha256: hex('one'), sizeBytes: 3, publishedBy: 'user/pia' },
      });
      expect(await records.getRelease('web', '1.0.0')).toMatchObject({ sha256: hex('one') });
      expect(await keys()).toEqual([releaseKey('web', '1.0.0')]);
      expect((await archives().find(releaseKey('web', '1.0.0')))?.sha256).toBe(hex('one'));
    });

    it('asks for the archive before anything else', async () => {
      expect(await ask(statementOf('one'))).toEqual({ result: 'uploadFirst' });
    });

    it.each([
      ['for another fleet', { fleet: 'shop' }],
      ['a version that is a path', { version: '../1' }],
      ['without a name', { publishedBy: undefined }],
      ['in a name with a line break', { publishedBy: 'user/pia\nuser/olga' }],
    ])('refuses a statement %s, and changes nothing', async (_, more) => {
      await put(incoming(statementOf('one')), 'one');
      const before = await keys();
      const reply = await ask({ ...statementOf('one'), ...more });
      expect(reply).toMatchObject({
        result: 'refused',
        error: 'InvalidRequest',
        message: expect.stringContaining('Nothing was published.'),
      });
      expect(await records.listReleases('web')).toEqual([]);
      expect(await keys()).toEqual(before);
    });

    it('refuses a publisher who overwrites an archive with other content', async () => {
      await publish('one');
      expect(await publish('two')).toMatchObject({ result: 'refused', error: 'ReleaseExists' });
      expect((await archives().find(releaseKey('web', '1.0.0')))?.sha256).toBe(hex('one'));
      expect(await keys()).toEqual([releaseKey('web', '1.0.0')]);
    });

    it('refuses an archive that is not the announced one, also one in parts, whose checksum is not of the whole', async () => {
      const statement = statementOf('one');
      await put(incoming(statement), 'other');
      expect(await ask(statement)).toMatchObject({ error: 'ArchiveMismatch' });
      const Key = incoming(statement);
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key, ChecksumAlgorithm: 'SHA256' }));
      const part = await s3.send(
        new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: 'one', ChecksumAlgorithm: 'SHA256' }),
      );
      const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 }];
      await s3.send(new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }));
      expect(await ask(statement)).toMatchObject({
        error: 'ArchiveMismatch',
        message: expect.stringContaining('no SHA-256 of the whole object'),
      });
      await expect(put(Key, 'other', statement.sha256)).rejects.toThrow();
      expect(await records.listReleases('web')).toEqual([]);
    });

    it('copies the bytes that were checked when a publisher replaces the upload in between', async () => {
      const key = incoming(statementOf('one'));
      await put(key, 'one');
      const checked = (await archives().find(key)) as NonNullable<Awaited<ReturnType<ReturnType<typeof archives>['find']>>>;
      await put(key, 'malicious');
      expect(await archives().copy(key, checked, 'web/1.0.0/release.tar.gz', undefined)).toBe(true);
      expect((await archives().find('web/1.0.0/release.tar.gz'))?.sha256).toBe(hex('one'));
    });

    it('publishes the archive of one of two who publish one version at once, and removes that of the other', async () => {
      const replies = await Promise.all([publish('one'), publish('two')]);
      const winner = await records.getRelease('web', '1.0.0');
      expect(replies.filter(({ result }) => result === 'published')).toHaveLength(1);
      expect(replies.filter((reply) => 'error' in reply && /^(ReleaseExists|PublishRunning)$/.test(reply.error))).toHaveLength(1);
      expect((await archives().find(releaseKey('web', '1.0.0')))?.sha256).toBe(winner?.sha256);
      expect(await keys()).toEqual([releaseKey('web', '1.0.0')]);
    });

    it('leaves an archive that another function may still record, and replaces it once that function cannot run any more', async () => {
      const key = releaseKey('web', '1.0.0');
      await put(key, 'of a function that ended');
      expect(await publish('one')).toMatchObject({ error: 'PublishRunning', message: expect.stringContaining('try again in 10 minutes') });
      expect((await archives().find(key))?.sha256).toBe(hex('of a function that ended'));
      const statement = statementOf('one');
      await put(incoming(statement), 'one');
      const log = recordingLog();
      const later = { records, archives: archives(), log, now: () => clock.ms + 601_000 };
      expect((await publishArchive(later, { ...statement, fleet: 'web' })).result).toBe('published');
      expect((await archives().find(key))?.sha256).toBe(hex('one'));
    });
  });
}
