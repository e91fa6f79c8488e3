import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PublishRequest, publishRelease } from '../../../cli/releases/connect-publisher.ts';
import { PublishRefused, ReleaseExists } from '../../../cli/releases/release-errors.ts';
import type { PublishReply, PublishStatement } from '../../../functions/releases/publish/contract.ts';
import { RELEASE } from '../../functions/fakes/fixtures.ts';
import { temporaryFolder, writeRelease } from './release-folder.ts';

let root: string;
let calls: string[];
let statements: PublishStatement[];
let replies: PublishReply[];
let uploadError: Error | undefined;
beforeEach(async () => {
  root = await temporaryFolder();
  await writeRelease(join(root, 'app'));
  calls = [];
  statements = [];
  replies = [{ result: 'uploadFirst' }, { result: 'published', release: RELEASE }];
  uploadError = undefined;
});
afterEach(() => rm(root, { recursive: true, force: true }));

const publisher = {
  fleet: 'web',
  publishedBy: 'user/pia',
  async call(statement: PublishStatement) {
    calls.push('call');
    statements.push(statement);
    return replies.shift() as PublishReply;
  },
  async upload({ sha256 }: PublishStatement, file: string, sent?: (bytes: number) => void) {
    if (uploadError) throw uploadError;
    sent?.(7);
    calls.push(`upload ${sha256 === statements[0]?.sha256} ${(await readFile(file)).length === statements[0]?.sizeBytes}`);
  },
};
const request = (overrides: Partial<PublishRequest> = {}): PublishRequest => ({
  publisher,
  version: '1.4.2+5',
  path: join(root, 'app'),
  workFolder: join(root, 'work'),
  ...overrides,
});

describe('publishRelease', () => {
  it('uploads what the function does not have, has it published, and leaves no temporary file', async () => {
    expect(await publishRelease(request())).toEqual({ result: 'published', release: RELEASE });
    expect(calls).toEqual(['call', 'upload true true', 'call']);
    expect(statements[0]).toEqual(statements[1]);
    expect(statements[0]).toMatchObject({ version: '1.4.2+5', app: { port: 8080 }, publishedBy: 'user/pia' });
    expect(await readdir(join(root, 'work'))).toEqual([]);
  });

  it('reports what is in the archive before anything is called, and how much of it was uploaded', async () => {
    await writeFile(join(root, 'app/.env'), 'PASSWORD=x');
    const reported: unknown[] = [];
    await publishRelease(
      request({
        packaged: ({ files, largest, secrets }, archiveBytes) =>
          reported.push([calls.length, files, largest.length, secrets, archiveBytes]),
        sent: (bytes, archiveBytes) => reported.push([calls.length, bytes, archiveBytes]),
      }),
    );
    const { sizeBytes } = statements[0] as PublishStatement;
    expect(reported).toEqual([
      [0, 3, 3, [{ name: '.env', what: 'settings, often with passwords' }], sizeBytes],
      [1, 7, sizeBytes],
    ]);
    // The statement has no key that the function does not know.
    expect(Object.keys(statements[0] ?? {}).sort()).toEqual(['app', 'publishedBy', 'sha256', 'sizeBytes', 'version']);
  });

  it('uploads nothing when the same content is published already', async () => {
    replies = [{ result: 'alreadyPublished', release: RELEASE }];
    expect((await publishRelease(request())).result).toBe('alreadyPublished');
    expect(calls).toEqual(['call']);
  });

  it('uploads nothing when the version has other content', async () => {
    replies = [{ result: 'refused', error: 'ReleaseExists', message: 'exists' }];
    const again = publishRelease(request());
    await expect(again).rejects.toThrow(ReleaseExists);
    await expect(again).rejects.toThrow('Fleet web already has a release 1.4.2+5 with other content');
    expect(calls).toEqual(['call']);
  });

  it.each([
    ['a refusal', { result: 'refused', error: 'ArchiveMismatch', message: 'Nothing was published.' }, 'ArchiveMismatch'],
    ['an upload that disappeared', { result: 'uploadFirst' }, 'PublishFailed'],
  ] as const)('reports %s', async (_, reply, name) => {
    replies = [{ result: 'uploadFirst' }, reply];
    const refused = publishRelease(request());
    await expect(refused).rejects.toThrow(PublishRefused);
    await expect(refused).rejects.toMatchObject({ name, message: expect.stringContaining('Nothing was published.') });
  });

  it('publishes nothing when the upload fails, and hands on why', async () => {
    uploadError = new Error('BadDigest');
    await expect(publishRelease(request())).rejects.toThrow('BadDigest');
    expect(calls).toEqual(['call']);
    expect(await readdir(join(root, 'work'))).toEqual([]);
  });

  it('checks the version first', async () => {
    await expect(publishRelease(request({ version: 'none', path: '/nowhere' }))).rejects.toThrow('"none" is not a valid version');
    await writeFile(join(root, 'app/holdfast.app.json'), '{}');
    await expect(publishRelease(request())).rejects.toThrow('holdfast.app.json');
    expect(calls).toEqual([]);
  });
});
