import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PublishRequest, publishRelease } from '../../../cli/release/publish-release.ts';
import { ReleaseExists } from '../../../cli/release/release-errors.ts';
import type { ReleaseRecord } from '../../../functions/records/types.ts';
import { temporaryFolder, writeRelease } from './release-folder.ts';

/** A versioned bucket and a table, both in memory, and the order of what was asked of them. */
class Fakes {
  readonly calls: string[] = [];
  readonly copies: { copy: string; sha256: string }[] = [];
  record: ReleaseRecord | undefined;
  /** Runs between the upload and the record. */
  meanwhile = async (): Promise<void> => {};
  uploadError: Error | undefined;
  recordError: Error | undefined;

  readonly objects = {
    bucket: 'releases',
    put: async (key: string, file: string, sha256: string) => {
      if (this.uploadError) throw this.uploadError;
      this.calls.push(`put ${key} ${(await readFile(file)).length > 0}`);
      const copy = `copy-${this.copies.length + 1}`;
      this.copies.push({ copy, sha256 });
      await this.meanwhile();
      return copy;
    },
    withdraw: async (key: string, copy: string) => {
      this.calls.push(`withdraw ${key} ${copy}`);
      this.copies.splice(
        this.copies.findIndex((one) => one.copy === copy),
        1,
      );
    },
  };
  readonly records = {
    getRelease: async () => this.record,
    putRelease: async (record: ReleaseRecord) => {
      this.calls.push('record');
      if (this.recordError) throw this.recordError;
      if (this.record !== undefined) return false;
      this.record = record;
      return true;
    },
  };
}

let root: string;
let fakes: Fakes;
beforeEach(async () => {
  root = await temporaryFolder();
  await writeRelease(join(root, 'app'));
  fakes = new Fakes();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const request = (overrides: Partial<PublishRequest> = {}): PublishRequest => ({
  records: fakes.records,
  objects: fakes.objects,
  fleet: 'web',
  version: '1.4.2+5',
  path: join(root, 'app'),
  publishedBy: 'ann',
  now: () => 1_000,
  workFolder: join(root, 'work'),
  ...overrides,
});
const change = () => writeFile(join(root, 'app/server.mjs'), 'other()');

describe('publishRelease', () => {
  it('uploads, then records, and leaves no temporary file', async () => {
    const { result, release } = await publishRelease(request());
    expect(result).toBe('published');
    expect(fakes.calls).toEqual(['put web/1.4.2@5/release.tar.gz true', 'record']);
    expect(release).toEqual(fakes.record);
    expect(release).toMatchObject({
      fleet: 'web',
      version: '1.4.2+5',
      bucket: 'releases',
      publishedAtMs: 1_000,
      publishedBy: 'ann',
      sha256: fakes.copies[0]?.sha256,
    });
    expect(await readdir(join(root, 'work'))).toEqual([]);
  });

  it('does nothing for the same content again', async () => {
    await publishRelease(request());
    expect(await publishRelease(request({ now: () => 2_000 }))).toMatchObject({
      result: 'alreadyPublished',
      release: { publishedAtMs: 1_000 },
    });
    expect(fakes.calls.length).toBe(2);
  });

  it('refuses other content under the same version, and does not touch the archive', async () => {
    await publishRelease(request());
    await change();
    const again = publishRelease(request());
    await expect(again).rejects.toThrow(ReleaseExists);
    await expect(again).rejects.toThrow('Fleet web already has a release 1.4.2+5 with other content');
    expect(fakes.copies.length).toBe(1);
  });

  it('takes its upload back when another publisher was first with other content', async () => {
    fakes.meanwhile = async () => {
      fakes.meanwhile = async () => {};
      await change();
      await publishRelease(request({ publishedBy: 'bob' }));
    };
    await expect(publishRelease(request())).rejects.toThrow(ReleaseExists);
    expect(fakes.record?.publishedBy).toBe('bob');
    expect(fakes.copies).toEqual([{ copy: 'copy-2', sha256: fakes.record?.sha256 }]);
  });

  it('succeeds when another publisher was first with the same content, or its own write was made and the answer lost', async () => {
    fakes.meanwhile = async () => {
      fakes.meanwhile = async () => {};
      await publishRelease(request());
    };
    expect((await publishRelease(request())).result).toBe('alreadyPublished');
    fakes.recordError = new Error('ConditionalCheckFailed');
    expect((await publishRelease(request())).result).toBe('alreadyPublished');
  });

  it('records nothing when the upload fails, and hands on why', async () => {
    fakes.uploadError = new Error('BadDigest');
    await expect(publishRelease(request())).rejects.toThrow('BadDigest');
    expect(fakes.calls).toEqual([]);
    expect(await readdir(join(root, 'work'))).toEqual([]);
  });

  it('hands on why a record could not be written', async () => {
    fakes.recordError = new Error('AccessDenied');
    await expect(publishRelease(request())).rejects.toThrow('AccessDenied');
  });

  it('checks the version first', async () => {
    await expect(publishRelease(request({ version: 'latest', path: '/nowhere' }))).rejects.toThrow('"latest" is not a valid version');
    expect(fakes.calls).toEqual([]);
  });
});
