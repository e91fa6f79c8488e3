import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRelease } from '../../../cli/releases/package-release.ts';
import { InvalidRelease } from '../../../cli/releases/release-errors.ts';
import { isWar } from '../../../cli/releases/tomcat/publish-war.ts';
import { CONTRACT, temporaryFolder, writeRelease } from './release-folder.ts';

let root: string;
let folder: string;
let work: string;
beforeEach(async () => {
  root = await temporaryFolder();
  folder = join(root, 'app');
  work = join(root, 'work');
  await writeRelease(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const small = { maxBytes: 4_096, maxFiles: 20 };
const makeRelease = (path = folder) => packageRelease(path, '1.4.2', work, { limits: small });

async function membersOf(archive: string): Promise<string[]> {
  const tar = extract();
  createReadStream(archive).pipe(createGunzip()).pipe(tar);
  const members: string[] = [];
  for await (const entry of tar) {
    const { name, type, mode, uid, mtime, linkname } = entry.header;
    members.push([type, name, mode?.toString(8), uid, mtime?.getUTCFullYear(), linkname ?? (await text(entry)).length].join(' '));
    entry.resume();
  }
  return members;
}

describe('packageRelease', () => {
  it('gives the archive, its checksum and size, and the contract', async () => {
    const made = await makeRelease();
    const bytes = await readFile(made.archivePath);
    expect(made).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length, app: CONTRACT });
    expect(made.archivePath.startsWith(work)).toBe(true);
  });

  it('sorts by name, keeps modes and links, and drops owners and times', async () => {
    await writeRelease(folder, { 'lib/b.js': 'b', 'lib-a.js': 'a', 'bin/run': 'run' });
    await chmod(join(folder, 'bin/run'), 0o4755);
    await chmod(join(folder, 'lib-a.js'), 0o600);
    await symlink('../lib/b.js', join(folder, 'bin/b'));
    await mkdir(join(folder, 'empty'), { mode: 0o755 });
    expect(await membersOf((await makeRelease()).archivePath)).toEqual([
      'directory bin 755 0 2000 0',
      'symlink bin/b 777 0 2000 ../lib/b.js',
      'file bin/run 755 0 2000 3',
      'directory empty 755 0 2000 0',
      expect.stringMatching(/^file holdfast\.app\.json 644 0 2000 /),
      'directory lib 755 0 2000 0',
      'file lib-a.js 600 0 2000 1',
      'file lib/b.js 644 0 2000 1',
      'file server.mjs 644 0 2000 8',
    ]);
  });

  it('makes the same bytes from a copy with other times, and other bytes from other content', async () => {
    const copy = join(root, 'copy');
    await cp(folder, copy, { recursive: true });
    await utimes(join(copy, 'server.mjs'), 1, 1);
    const { sha256 } = await makeRelease();
    expect((await makeRelease(copy)).sha256).toBe(sha256);
    await writeFile(join(copy, 'server.mjs'), 'listen!!');
    expect((await makeRelease(copy)).sha256).not.toBe(sha256);
  });

  it('does not read a file of the machine that a folder from somewhere gives out as its contract', async () => {
    const secret = join(root, 'credentials');
    await writeFile(secret, 'TOPSECRET');
    await rm(join(folder, 'holdfast.app.json'));
    await symlink(secret, join(folder, 'holdfast.app.json'));
    const refused = makeRelease();
    await expect(refused).rejects.toThrow('a link in a release must be relative');
    await expect(refused).rejects.not.toThrow('TOPSECRET');
  });
});

describe('packageRelease refuses', () => {
  const refusal = async (path: string, sentence: string) => {
    const making = makeRelease(path);
    await expect(making).rejects.toThrow(InvalidRelease);
    await expect(making).rejects.toThrow(sentence);
    expect(await readdir(work).catch(() => [])).toEqual([]);
  };

  it('a version that is none, before it looks at anything', async () => {
    await expect(packageRelease('/nowhere', '1.0/../2', work)).rejects.toThrow('"1.0/../2" is not a valid version. A version begins with');
  });

  it('a path that does not exist', () => refusal(join(root, 'gone'), 'gone": it does not exist.'));
  const UNPACK = 'it is neither a folder nor a .war: unpack an archive, and publish the folder that has holdfast.app.json';
  it.each([
    ['app.mjs', 'listen()', UNPACK],
    ['app.tar.gz', '\u001f\u008b', UNPACK],
    ['app.zip', 'PK', UNPACK],
    ['app-1.0.0.jar', 'PK', 'a .jar is not a release: put it into a folder with holdfast.app.json'],
  ])('%s, with what to do', async (name, content, sentence) => {
    await writeFile(join(folder, name), content, 'latin1');
    expect(await isWar(join(folder, name))).toBe(false);
    await refusal(join(folder, name), sentence);
  });

  it('a folder without a contract', async () => {
    await rm(join(folder, 'holdfast.app.json'));
    await refusal(folder, 'Cannot read holdfast.app.json at the root of the release: it does not exist.');
  });

  it.each([
    ['an absolute link', '/etc/passwd', 'a link in a release must be relative.'],
    ['a link out of the folder', '../outside', 'which is outside the release.'],
    ['a link to nothing', 'missing', 'it does not exist.'],
    ['a link to itself', 'link', 'The link "link" points to "link"'],
    ['a link out by another link', 'deep/up/outside', 'which is outside the release.'],
    ['a way up in the middle', 'deep/../server.mjs', '".." is allowed only at the beginning.'],
    [
      'a link to the folder that it is in',
      '.',
      'The link "link" points to ".", a folder that the link itself is in: who follows it walks without end. Remove the link.',
    ],
    ['a link that another one leads back', 'deep', 'The link "deep/in" points to "../link", a folder that the link itself is in'],
  ])('%s', async (_what, target, sentence) => {
    await writeFile(join(root, 'outside'), 'secret');
    await mkdir(join(folder, 'deep'));
    if (target.startsWith('deep/up')) await symlink('../..', join(folder, 'deep/up'));
    if (target === 'deep') await symlink('../link', join(folder, 'deep/in'));
    await symlink(target, join(folder, 'link'));
    await refusal(folder, sentence);
  });

  it('more than the limit of bytes or files', async () => {
    await writeFile(join(folder, 'large'), '');
    await truncate(join(folder, 'large'), 5_000);
    await refusal(folder, 'The release is larger than 4096 bytes, which is the limit.');
    await rm(join(folder, 'large'));
    for (let index = 0; index < 20; index += 1) await writeFile(join(folder, `${index}`), '');
    await refusal(folder, 'The release has more than 20 files');
  });

  it('a folder whose contract lies deeper, naming where', async () => {
    await writeRelease(join(root, 'around/app'));
    await refusal(join(root, 'around'), 'it does not exist, but "app" in it has one');
  });
});
