/** An archive that a function copied before it ended, so that no release names it. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Archives, StoredArchive } from '../../../../functions/releases/publish/archives.ts';
import { type Publication, publishArchive } from '../../../../functions/releases/publish/publish.ts';
import { assetsKey, incomingReleaseKey, releaseKey } from '../../../../functions/shared/naming.ts';
import { RELEASE, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const NOW_MS = 10_000_000;
const KEY = releaseKey('web', '1.0.0');
const [ONE, TWO] = ['1'.repeat(64), '2'.repeat(64)] as const;
const stored = (sha256: string, modifiedAtMs: number): StoredArchive => ({
  versionId: 'v',
  etag: sha256,
  sizeBytes: 3,
  sha256,
  modifiedAtMs,
});
const statementOf = (sha256: string): Publication => ({
  fleet: 'web',
  version: '1.0.0',
  sha256,
  sizeBytes: 3,
  app: RELEASE.app,
  publishedBy: 'ann',
});

describe('an archive that a function left unrecorded', () => {
  let objects: Map<string, StoredArchive>;
  let records: ReturnType<typeof memoryRecords>;
  const archives: Archives = {
    find: async (key) => objects.get(key),
    copy: async (from, _version, to, expected) => {
      if (objects.get(to)?.etag !== expected?.etag) return false;
      objects.set(to, { ...(objects.get(from) as StoredArchive), modifiedAtMs: NOW_MS });
      return true;
    },
    remove: async (key) => void objects.delete(key),
  };
  const publish = (sha256: string, putRelease = records.putRelease) => {
    objects.set(incomingReleaseKey('web', '1.0.0', sha256), stored(sha256, NOW_MS));
    const ports = { records: { ...records, putRelease }, archives, log: recordingLog(), now: () => NOW_MS };
    return publishArchive(ports, statementOf(sha256));
  };
  beforeEach(() => {
    records = memoryRecords();
    objects = new Map([[KEY, stored(ONE, 0)]]);
  });

  it('is not replaced by a publisher of another one while a publisher of the same one records it', async () => {
    let record = () => {};
    const isOthersTurn = new Promise<void>((resolve) => {
      record = resolve;
    });
    const one = publish(ONE, async (release) => {
      await isOthersTurn;
      return records.putRelease(release);
    });
    const two = await publish(TWO, async (release) => {
      record();
      await one;
      return records.putRelease(release);
    });
    expect([(await one).result, two]).toEqual(['published', expect.objectContaining({ error: 'ReleaseExists' })]);
    expect((await records.getRelease('web', '1.0.0'))?.sha256).toBe(objects.get(KEY)?.sha256);
  });

  it('is replaced by a repeated command when the function that recorded another one ended before it could', async () => {
    await expect(
      publish(TWO, async (release) => {
        await records.putRelease(release);
        throw new Error('the function ended');
      }),
    ).rejects.toThrow('the function ended');
    expect(objects.get(KEY)?.sha256).toBe(ONE);
    objects.delete(incomingReleaseKey('web', '1.0.0', TWO));
    const ports = { records, archives, log: recordingLog(), now: () => NOW_MS };
    expect(await publishArchive(ports, statementOf(TWO))).toEqual({ result: 'uploadFirst' });
    expect((await publish(TWO)).result).toBe('alreadyPublished');
    expect(objects.get(KEY)?.sha256).toBe(TWO);
    expect(await publish(ONE)).toMatchObject({ error: 'ReleaseExists' });
    expect(objects.get(KEY)?.sha256).toBe(TWO);
  });

  it('is not current once it is published: only a deploy that succeeds makes it so', async () => {
    expect((await publish(ONE)).result).toBe('published');
    expect(await records.getFleet('web')).toBeUndefined();
  });
});

describe("the archive of a release's assets", () => {
  const ASSETS = { sha256: 'a'.repeat(64), sizeBytes: 3 };
  let objects: Map<string, StoredArchive>;
  const records = memoryRecords();
  const archives: Archives = {
    find: async (key) => objects.get(key),
    copy: async (from, _version, to) => objects.set(to, objects.get(from) as StoredArchive) !== undefined,
    remove: async (key) => void objects.delete(key),
  };
  const publish = () =>
    publishArchive(
      { records, archives, log: recordingLog(), now: () => NOW_MS },
      { ...statementOf(ONE), version: '2.0.0', assets: ASSETS },
    );
  const upload = (sha256: string) => objects.set(incomingReleaseKey('web', '2.0.0', sha256), stored(sha256, NOW_MS));

  it('is stored next to its archive, by the checksum on record, and asked for again where it is missing', async () => {
    objects = new Map();
    upload(ONE);
    expect(await publish()).toMatchObject({ result: 'refused', error: 'PublishFailed' });
    expect(await publish()).toEqual({ result: 'uploadFirst' });
    upload(ONE);
    upload('b'.repeat(64));
    expect(await publish()).toMatchObject({ result: 'refused' });
    upload(ONE);
    upload(ASSETS.sha256);
    expect(await publish()).toMatchObject({ result: 'alreadyPublished', release: { assets: ASSETS } });
    expect(objects.get(assetsKey('web', '2.0.0'))?.sha256).toBe(ASSETS.sha256);
    expect(await publish()).toMatchObject({ result: 'alreadyPublished' });
  });
});
