import { createHash } from 'node:crypto';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
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
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROLE, type World } from '#local-aws/test/emulator/world.ts';
import { proveCaller } from '../../../../../cli/send-signed.ts';
import type { Records } from '../../../../../functions/records/records.ts';
import { type AnswerPorts, answerRequest } from '../../../../../functions/releases/publish/answer.ts';
import { s3Archives } from '../../../../../functions/releases/publish/archives.ts';
import type { PublishStatement } from '../../../../../functions/releases/publish/contract.ts';
import { publishArchive } from '../../../../../functions/releases/publish/publish.ts';
import { callerResolver } from '../../../../../functions/shared/caller/verify-request.ts';
import { incomingReleaseKey, releaseKey } from '../../../../../functions/shared/naming.ts';
import { RELEASE, recordingLog } from '../../../../../test/functions/fakes/fixtures.ts';
import { memoryRecords } from '../../../../../test/functions/fakes/memory-records.ts';

const BUCKET = 'publishing';
const ACCOUNT = '000000000000';
const hex = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');

/** Publishing with S3 and STS as they answer over the wire, and what a publisher can try. */
export function describePublishing(world: () => World): void {
  describe('publishing', () => {
    let s3: S3Client;
    let iam: IAMClient;
    let pia: { accessKeyId: string; secretAccessKey: string };
    let records: Records;
    let clock: { ms: number };

    beforeAll(async () => {
      s3 = new S3Client({ ...world().config, forcePathStyle: true });
      iam = new IAMClient(world().config);
      await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
      await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
      await iam.send(new CreateUserCommand({ UserName: 'pia' }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'pia' }));
      pia = { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string };
    });
    afterAll(() => {
      s3?.destroy();
      iam?.destroy();
    });
    beforeEach(async () => {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
      records = memoryRecords();
      clock = { ms: Date.now() };
    });

    const statementOf = (content: string, version = '1.0.0'): PublishStatement => ({
      installation: 'holdfast',
      fleet: 'web',
      version,
      sha256: hex(content),
      sizeBytes: content.length,
      app: RELEASE.app,
    });
    const incoming = ({ fleet, version, sha256 }: PublishStatement) => incomingReleaseKey(fleet, version, sha256);
    const put = (Key: string, Body: string, sha256 = hex(Body)) =>
      s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64') }));
    const keys = async () =>
      ((await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }))).Contents ?? []).map(({ Key }) => Key).toSorted();
    const archives = () => s3Archives(s3, s3, BUCKET);
    const prove = (statement: string, now = new Date(clock.ms), credentials = pia) =>
      proveCaller({ statement, stsUrl: new URL(world().config.endpoint), region: 'us-east-1', credentials, now });

    const ports = (): AnswerPorts => {
      const log = recordingLog();
      const now = () => clock.ms;
      return {
        resolveCaller: callerResolver(new URL(world().config.endpoint)),
        publish: (statement, arn) => publishArchive({ records, archives: archives(), log, now }, statement, arn),
        log,
        now,
        installation: 'holdfast',
        fleet: 'web',
        region: 'us-east-1',
      };
    };
    const ask = (request: unknown) => answerRequest(ports(), ACCOUNT, request);
    const publish = async (content: string, version?: string) => {
      const statement = statementOf(content, version);
      await put(incoming(statement), content);
      const text = JSON.stringify(statement);
      return ask({ statement: text, proof: await prove(text) });
    };

    it('records who published as STS names the caller, and removes the upload', async () => {
      expect(await publish('one')).toMatchObject({
        result: 'published',
        release: { version: '1.0.0', sha256: hex('one'), sizeBytes: 3, publishedBy: `arn:aws:iam::${ACCOUNT}:user/pia` },
      });
      expect(await records.getRelease('web', '1.0.0')).toMatchObject({ sha256: hex('one') });
      expect(await keys()).toEqual([releaseKey('web', '1.0.0')]);
      expect((await archives().find(releaseKey('web', '1.0.0')))?.sha256).toBe(hex('one'));
    });

    it('records the session of a role, which has a token', async () => {
      const sts = new STSClient(world().config);
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'build-7' }));
      sts.destroy();
      const session = {
        accessKeyId: Credentials?.AccessKeyId as string,
        secretAccessKey: Credentials?.SecretAccessKey as string,
        sessionToken: Credentials?.SessionToken as string,
      };
      const statement = statementOf('one');
      await put(incoming(statement), 'one');
      const text = JSON.stringify(statement);
      const proof = await prove(text, undefined, session);
      expect(await ask({ statement: text, proof: { ...proof, securityToken: 'of-another-session' } })).toMatchObject({
        error: 'UnknownCaller',
      });
      expect(await ask({ statement: text, proof })).toMatchObject({
        release: { publishedBy: `arn:aws:sts::${ACCOUNT}:assumed-role/anybody/build-7` },
      });
    });

    it('asks for the archive before anything else', async () => {
      const text = JSON.stringify(statementOf('one'));
      expect(await ask({ statement: text, proof: await prove(text) })).toEqual({ result: 'uploadFirst' });
    });

    describe('is refused, and changes nothing, for a caller who', () => {
      const changed = { ...statementOf('one'), version: '2.0.0' };
      it.each<[string, () => Promise<unknown>, string]>([
        [
          'takes the proof of another version',
          async () => ({ statement: JSON.stringify(changed), proof: await prove(JSON.stringify(statementOf('one'))) }),
          'SignatureDoesNotMatch',
        ],
        [
          'takes the proof of another archive',
          async () => ({ statement: JSON.stringify(statementOf('two')), proof: await prove(JSON.stringify(statementOf('one'))) }),
          'SignatureDoesNotMatch',
        ],
        [
          'signs with a secret of its own for the key of another',
          async () => {
            const text = JSON.stringify(statementOf('one'));
            return { statement: text, proof: await prove(text, undefined, { ...pia, secretAccessKey: 'guessed' }) };
          },
          'SignatureDoesNotMatch',
        ],
        [
          'has a key that does not exist',
          async () => {
            const text = JSON.stringify(statementOf('one'));
            return { statement: text, proof: await prove(text, undefined, { ...pia, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }) };
          },
          'InvalidClientTokenId',
        ],
        [
          'replays a proof after its time',
          async () => {
            const text = JSON.stringify(statementOf('one'));
            return { statement: text, proof: await prove(text, new Date(clock.ms - 301_000)) };
          },
          'more than 5 minutes',
        ],
        [
          'signs no statement',
          async () => {
            const text = JSON.stringify(statementOf('one'));
            const proof = await prove(text);
            return { statement: text, proof: { ...proof, authorization: proof.authorization.replace(';x-holdfast-publish', '') } };
          },
          'does not sign the header x-holdfast-publish',
        ],
        [
          'signs for another service',
          async () => {
            const text = JSON.stringify(statementOf('one'));
            const proof = await prove(text);
            return { statement: text, proof: { ...proof, authorization: proof.authorization.replace('/sts/', '/s3/') } };
          },
          'not a signature of AWS Signature Version 4 for STS',
        ],
        [
          'signs for another Region',
          async () => {
            const text = JSON.stringify(statementOf('one'));
            const proof = await prove(text);
            return { statement: text, proof: { ...proof, authorization: proof.authorization.replace('/us-east-1/', '/eu-west-1/') } };
          },
          'it is signed for eu-west-1, not us-east-1',
        ],
        [
          'sends the function to a host of its own',
          async () => {
            const text = JSON.stringify(statementOf('one'));
            return { statement: text, proof: { ...(await prove(text)), url: 'https://sts.example.com/' } };
          },
          'The request is not valid',
        ],
        [
          'adds a header by a line break',
          async () => {
            const text = JSON.stringify(statementOf('one'));
            return { statement: text, proof: { ...(await prove(text)), securityToken: 'a\r\nhost: example.com' } };
          },
          'The request is not valid',
        ],
        [
          'was to publish for another fleet',
          async () => {
            const text = JSON.stringify({ ...statementOf('one'), fleet: 'shop' });
            return { statement: text, proof: await prove(text) };
          },
          'fleet shop of installation holdfast',
        ],
        [
          'was to publish in another installation',
          async () => {
            const text = JSON.stringify({ ...statementOf('one'), installation: 'staging' });
            return { statement: text, proof: await prove(text) };
          },
          'of installation staging',
        ],
        [
          'states a version that is a path',
          async () => ({ statement: JSON.stringify({ ...statementOf('one'), version: '../1' }), proof: await prove('') }),
          'The statement is not valid',
        ],
      ])('%s', async (_, request, why) => {
        await put(incoming(statementOf('one')), 'one');
        const before = await keys();
        const reply = await ask(await request());
        expect(reply).toMatchObject({ result: 'refused', message: expect.stringContaining(why) });
        expect(JSON.stringify(reply)).not.toContain('AKIA');
        expect(await records.listReleases('web')).toEqual([]);
        expect(await keys()).toEqual(before);
      });

      it('is of another account', async () => {
        const text = JSON.stringify(statementOf('one'));
        const reply = await answerRequest(ports(), '111122223333', { statement: text, proof: await prove(text) });
        expect(reply).toMatchObject({ error: 'UnknownCaller', message: expect.stringContaining(`account ${ACCOUNT}, not 111122223333`) });
      });
    });

    it('publishes once for a caller who replays a proof within its time', async () => {
      const statement = statementOf('one');
      await put(incoming(statement), 'one');
      const text = JSON.stringify(statement);
      const request = { statement: text, proof: await prove(text) };
      expect((await ask(request)).result).toBe('published');
      clock.ms += 200_000;
      expect((await ask(request)).result).toBe('alreadyPublished');
      expect(await records.listReleases('web')).toHaveLength(1);
    });

    it('refuses a publisher who overwrites an archive with other content', async () => {
      await publish('one');
      expect(await publish('two')).toMatchObject({ result: 'refused', error: 'ReleaseExists' });
      expect((await archives().find(releaseKey('web', '1.0.0')))?.sha256).toBe(hex('one'));
      expect(await keys()).toEqual([releaseKey('web', '1.0.0')]);
    });

    it('refuses an archive that is not the announced one, also one in parts, whose checksum is not of the whole', async () => {
      const statement = statementOf('one');
      const text = JSON.stringify(statement);
      await put(incoming(statement), 'other');
      expect(await ask({ statement: text, proof: await prove(text) })).toMatchObject({ error: 'ArchiveMismatch' });
      const Key = incoming(statement);
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key, ChecksumAlgorithm: 'SHA256' }));
      const part = await s3.send(
        new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: 'one', ChecksumAlgorithm: 'SHA256' }),
      );
      const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 }];
      await s3.send(new CompleteMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } }));
      expect(await ask({ statement: text, proof: await prove(text) })).toMatchObject({
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
      expect((await publishArchive(later, statement, 'arn')).result).toBe('published');
      expect((await archives().find(key))?.sha256).toBe(hex('one'));
    });
  });
}
