/** What a publisher, or someone who can write to the bucket, tries on a server before and after the checksum. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Archive, archiveOf, CONTRACT, release } from '#local-aws/test/instances/fixture-release.ts';
import { DEFAULT_LIMITS } from '../../../cli/releases/list-files.ts';
import { installOutput } from '../../../functions/instance/document-contract.ts';
import { startFleet, type TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { joinPython } from '../../../server/documents/join-python.ts';
import { rawArchive, rawMember } from '../../hostile-tar.ts';
import { scriptOf } from './unpack.ts';

const URL_OF = (version: string) => `https://releases.s3.us-east-1.amazonaws.com/web/${version}/release.tar.gz`;
const contract = { name: 'holdfast.app.json', body: JSON.stringify(CONTRACT) };

let fleet: TestFleet;
let instanceId: string;
let folder: string;
let root: string;
/** What an imported module would create. */
let proof: string;

beforeAll(async () => {
  fleet = await startFleet();
  const planted = join(fleet.folder, 'planted');
  mkdirSync(planted);
  // Variables of the machine reach every document, as those of the agent's own unit would.
  instanceId = (await fleet.launch({ environment: { PYTHONPATH: planted, PYTHONUSERBASE: planted } })).instanceId;
  folder = fleet.instances.get(instanceId)?.folder ?? '';
  root = join(folder, 'opt/holdfast');
  proof = join(fleet.folder, 'imported');
  for (const name of ['tarfile', 'usercustomize', 'sitecustomize']) writeFileSync(join(planted, `${name}.py`), module());
});
beforeEach(() => rmSync(proof, { force: true }));
afterAll(() => fleet.stop());

/** Python that leaves a proof that it ran. */
const module = (): Buffer => Buffer.from(`open(${JSON.stringify(proof)}, "w").close()\n`);

function archive(bytes: Buffer): Archive {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
const raw = (...members: Buffer[]): Archive => archive(rawArchive(...members));

describe('before the checksum', () => {
  it.each(['tarfile.py', 'hashlib.py', 'json/__init__.py'])(
    'a publisher stores %s below the key of the archive: nothing imports it',
    async (name) => {
      fleet.objects.set(`${URL_OF('1.0.0')}/${name}`, module());
      fleet.objects.set(`${URL_OF('1.0.0')}/release.tar.gz`, (await release()).bytes);
      const output = await fleet.install(instanceId, '1.0.0', await release());
      for (const key of fleet.objects.keys()) if (key.startsWith(`${URL_OF('1.0.0')}/`)) fleet.objects.delete(key);
      expect(output).toMatchObject({ result: 'failed', error: 'DownloadFailed' });
      expect(existsSync(proof)).toBe(false);
    },
  );

  it('the environment has PYTHONPATH, with a tarfile.py and a usercustomize.py: nothing imports them', async () => {
    const output = await fleet.install(instanceId, '6.6.6', archive(module()), { sha256: 'a'.repeat(64) });
    expect(output).toMatchObject({ error: 'ChecksumMismatch' });
    expect(existsSync(proof)).toBe(false);
  });

  it.each([
    ['another bucket', 'https://evil.s3.us-east-1.amazonaws.com/web/6.6.6/release.tar.gz'],
    ['an archive tarfile.py', 'https://releases.s3.us-east-1.amazonaws.com/web/6.6.6/tarfile.py'],
    ['an archive that nobody has checked yet', 'https://releases.s3.us-east-1.amazonaws.com/_incoming/web/6.6.6/release.tar.gz'],
  ])('someone who can send commands names %s: Systems Manager refuses the parameter', async (_what, releaseUrl) => {
    await expect(fleet.install(instanceId, '6.6.6', await release(), { releaseUrl })).rejects.toThrow('releaseUrl');
  });
});

describe('after the checksum', () => {
  const damaged = gzipSync(Buffer.from('x'.repeat(10_000)), { level: 0 });
  damaged[600] = (damaged[600] ?? 0) ^ 255;
  damaged.fill(0xff, 3_000, 3_100);
  it.each<[string, () => Promise<Archive> | Archive, string]>([
    [
      'a hard-link bomb: 20 MB as 60 files',
      () =>
        archiveOf([
          contract,
          { name: '0', body: '\0'.repeat(20 * 1024 ** 2) },
          ...Array.from({ length: 60 }, (_, index) => ({ name: `${index + 1}`, type: 'link' as const, linkname: '0' })),
        ]),
      'more than 100000 members or 1073741824 bytes',
    ],
    [
      'a gzip bomb: a header of 64 MB',
      () => raw(rawMember('L', '././@LongLink', '00400000000', 64 * 1024 ** 2)),
      'has a header of more than',
    ],
    [
      'a header with 50,000 settings',
      () => {
        const settings = Array.from({ length: 50_000 }, (_, index) => `14 ${String(index).padStart(8, '0')}=a\n`).join('');
        const padded = Buffer.alloc(Math.ceil(settings.length / 512) * 512);
        padded.write(settings);
        return raw(
          rawMember('x', 'settings', settings.length.toString(8).padStart(11, '0')),
          padded,
          rawMember('0', 'file', '00000000000'),
        );
      },
      'settings that no release needs',
    ],
    ['a sparse file', () => raw(rawMember('S', 'sparse', '00000000000')), 'settings that no release needs'],
    ['a file of 8 GB', () => raw(rawMember('0', 'large', '77777777777')), '1073741824 bytes'],
    ['a file of a negative size', () => raw(rawMember('0', 'negative', '-0000000001')), ''],
    ['a file of a negative size in base 256', () => raw(rawMember('0', 'negative', `\xff${'\xff'.repeat(9)}\x00\x00`)), '1073741824 bytes'],
    [
      'a path of 5,000 folders',
      () => archiveOf([contract, { name: `${'a/'.repeat(5_000)}b`, body: '' }]),
      'a path of more than 1024 characters',
    ],
    [
      'a link to the folder that it is in',
      () => archiveOf([contract, { name: 'a/b', type: 'symlink', linkname: '..' }]),
      "has a link to a folder that it is in: 'a/b'",
    ],
    [
      'a link that another one leads back',
      () =>
        archiveOf([
          contract,
          { name: 'a/b/x', body: '' },
          { name: 'a/b/c', type: 'symlink', linkname: '../../z' },
          { name: 'z', type: 'symlink', linkname: 'a' },
        ]),
      "has a link to a folder that it is in: 'a/b/c'",
    ],
    ['bytes that no gzip has', () => archive(damaged), 'cannot be extracted'],
    [
      'a contract of 10 MB',
      () => archiveOf([{ ...contract, body: `{"a":"${'x'.repeat(10 * 1024 ** 2)}"}` }]),
      'holdfast.app.json: ValueError',
    ],
    ['a contract nested 30,000 deep', () => archiveOf([{ ...contract, body: '['.repeat(30_000) }]), 'holdfast.app.json: ValueError'],
  ])('a publisher deploys %s: nothing is written', async (_what, make, message) => {
    const output = await fleet.install(instanceId, '9.0.0', await make());
    expect(installOutput.parse(output)).toMatchObject({
      result: 'failed',
      error: 'InvalidRelease',
      message: expect.stringContaining(message),
    });
    expect(readdirSync(join(root, 'releases'))).toEqual([]);
  });

  it('the limits are those of holdfast releases publish', () => {
    const script = scriptOf(documentContent('install', 'releases'), 'install');
    expect(script).toContain(`LARGEST_MEMBERS = ${DEFAULT_LIMITS.maxFiles}`);
    expect(DEFAULT_LIMITS.maxBytes).toBe(1024 ** 3);
    expect(script).toContain('LARGEST_BYTES = 1024 ** 3');
  });

  it('a local user can write to the folder of releases: the install refuses it', async () => {
    chmodSync(join(root, 'releases'), 0o777);
    const output = installOutput.parse(await fleet.install(instanceId, '9.0.0', await release()));
    chmodSync(join(root, 'releases'), 0o755);
    expect(output).toMatchObject({ error: 'UnsafeFolder', message: expect.stringContaining('chmod go-w') });
  });

  it('a local user replaces the folder of releases by a link: the install refuses it', async () => {
    renameSync(join(root, 'releases'), join(root, 'elsewhere'));
    symlinkSync('elsewhere', join(root, 'releases'));
    const output = installOutput.parse(await fleet.install(instanceId, '9.0.0', await release()));
    rmSync(join(root, 'releases'));
    renameSync(join(root, 'elsewhere'), join(root, 'releases'));
    expect(output).toMatchObject({ error: 'UnsafeFolder' });
  });
});

describe('the downloaded file', () => {
  /** The document's own Python up to the install script, and then `lines`. */
  async function python(files: Record<string, Buffer | undefined>, lines: string): Promise<string> {
    const work = mkdtempSync(join(fleet.folder, 'work-'));
    for (const [name, bytes] of Object.entries(files))
      if (bytes === undefined) symlinkSync('real.tar.gz', join(work, name));
      else writeFileSync(join(work, name), bytes);
    const { stdout, stderr } = spawnSync('python3', ['-I', '-'], {
      cwd: work,
      input: `${joinPython('release_archive')}\n${lines}`,
      encoding: 'utf8',
      timeout: 120_000,
    });
    return stdout + stderr;
  }

  it('someone exchanges it between verification and extraction: the verified one is extracted', async () => {
    const [good, evil] = [
      await archiveOf([contract, { name: 'good', body: 'x'.repeat(5_000_000) }]),
      await archiveOf([contract, { name: 'evil', body: '' }]),
    ];
    const output = await python(
      { 'release.tar.gz': good.bytes, 'evil.tar.gz': evil.bytes },
      `file = open_verified("release.tar.gz", "${good.sha256}")
os.replace("evil.tar.gz", "release.tar.gz")
extract(file, os.path.abspath("out"))
print(sorted(os.listdir("out")), os.path.getsize("out/good"))`,
    );
    expect(output).toBe("['good', 'holdfast.app.json'] 5000000\n");
  });

  it('someone puts a link in its place: nothing is read through it', async () => {
    const good = await archiveOf([contract]);
    const output = await python(
      { 'real.tar.gz': good.bytes, 'release.tar.gz': undefined },
      `open_verified("release.tar.gz", "${good.sha256}")`,
    );
    expect(output).toContain('release.tar.gz was not downloaded');
  });

  it('someone puts a pipe in its place: the install does not wait for it', async () => {
    const output = await python({}, 'os.mkfifo("release.tar.gz")\nopen_verified("release.tar.gz", "")');
    expect(output).toContain('release.tar.gz is not a file');
  });
});
