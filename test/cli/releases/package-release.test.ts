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
import { writeZip } from '../../zip.ts';
import { CONTRACT, temporaryFolder, writeArchive, writeRelease } from './release-folder.ts';

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

  it('does not read a file of the machine that an archive from somewhere gives out as its contract', async () => {
    const secret = join(root, 'credentials');
    await writeFile(secret, 'TOPSECRET');
    await rm(join(folder, 'holdfast.app.json'));
    await symlink(secret, join(folder, 'holdfast.app.json'));
    const refused = makeRelease();
    await expect(refused).rejects.toThrow('a link in a release must be relative');
    await expect(refused).rejects.not.toThrow('TOPSECRET');
  });

  it('makes of an archive what it makes of its folder, hard links included', async () => {
    const archive = await writeArchive(join(root, 'app.tar.gz'), [
      { name: './', type: 'directory' },
      { name: './server.mjs', mode: 0o644, content: 'listen()' },
      { name: './holdfast.app.json', mode: 0o644, content: JSON.stringify(CONTRACT) },
      { name: './again.mjs', type: 'link', linkname: './server.mjs', mode: 0o644 },
      { name: './link.mjs', type: 'symlink', linkname: 'server.mjs' },
    ]);
    await writeRelease(folder, { 'again.mjs': 'listen()' });
    await symlink('server.mjs', join(folder, 'link.mjs'));
    expect((await makeRelease(archive)).sha256).toBe((await makeRelease()).sha256);
    expect((await readdir(work)).length).toBe(2);
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
  it('a file that is no archive', () =>
    refusal(join(folder, 'server.mjs'), 'it is neither a folder, a .tar.gz nor an archive of a CodeDeploy bundle.'));
  it.each([
    ['app.zip', 'a ZIP archive without an appspec.yml at its root is neither a release nor, unless its name ends in .war, a WAR: unzip it'],
    ['app-1.0.0.jar', 'a .jar is not a release: put it into a folder with holdfast.app.json'],
  ])('%s, with what to do', async (name, sentence) => {
    await writeZip(join(folder, name), { 'server.mjs': 'listen()' });
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
  ])('%s', async (_what, target, sentence) => {
    await writeFile(join(root, 'outside'), 'secret');
    await mkdir(join(folder, 'deep'));
    if (target.startsWith('deep/up')) await symlink('../..', join(folder, 'deep/up'));
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

  it.each<[string, Parameters<typeof writeArchive>[1], string]>([
    ['a name above the folder', [{ name: '../evil', content: 'x' }], '"../evil" in the archive is outside the release.'],
    ['an absolute name', [{ name: '/evil', content: 'x' }], 'in the archive is outside the release.'],
    ['a name that climbs later', [{ name: 'a/../../evil', content: 'x' }], 'in the archive is outside the release.'],
    [
      'hard links that are too much together',
      [{ name: 'a', content: 'x'.repeat(1_000) }, ...['b', 'c', 'd', 'e'].map((name) => ({ name, type: 'link' as const, linkname: 'a' }))],
      'larger than 4096 bytes',
    ],
  ])('an archive with %s, and writes nothing outside', async (_what, members, sentence) => {
    await writeFile(join(root, 'outside'), 'secret');
    const before = await readdir(root);
    const archive = await writeArchive(join(root, 'hostile.tar.gz'), members);
    await refusal(archive, sentence);
    expect((await readdir(root)).sort()).toEqual([...before, 'hostile.tar.gz', 'work'].sort());
  });

  it('an archive that is cut short', async () => {
    const archive = await writeArchive(join(root, 'short.tar.gz'), [{ name: 'a', content: 'xyz'.repeat(1_000) }]);
    await truncate(archive, 30);
    await refusal(archive, 'as a .tar.gz:');
  });

  it('an archive whose contract lies deeper, naming where', async () => {
    const archive = await writeArchive(join(root, 'deep.tar.gz'), [{ name: 'app/holdfast.app.json', content: JSON.stringify(CONTRACT) }]);
    await refusal(archive, 'it does not exist, but "app" in it has one');
  });
});
