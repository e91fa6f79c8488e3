/** Archives of Tomcat or its libraries that were made to leave their folder, to fill the memory or the disk, or to be read in two ways. */
import { chmod, lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidRelease } from '../../../cli/releases/release-errors.ts';
import { unpackArchive } from '../../../cli/releases/unpack-archive.ts';
import { paxRecord, rawArchive, rawBomb, rawFile, rawMember } from '../../hostile-tar.ts';
import { temporaryFolder, writeArchive } from './release-folder.ts';

let root: string;
let app: string;
let outside: string;
beforeEach(async () => {
  root = await temporaryFolder();
  app = join(root, 'app');
  outside = join(root, 'outside');
  for (const folder of [app, outside]) await mkdir(folder);
  await writeFile(join(outside, 'secret'), 'secret', { mode: 0o600 });
  await chmod(outside, 0o700);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const small = { maxBytes: 4_096, maxFiles: 20 };
type Members = Parameters<typeof writeArchive>[1];

/** What an attack could have changed. */
async function stateOutside() {
  const secret = join(outside, 'secret');
  const modes = await Promise.all([outside, secret].map(async (file) => (await lstat(file)).mode.toString(8)));
  return { modes, names: await readdir(outside), content: await readFile(secret, 'utf8') };
}

async function refused(archive: string, sentence: string): Promise<void> {
  const before = await stateOutside();
  const unpacking = unpackArchive(archive, app, small);
  await expect(unpacking).rejects.toThrow(InvalidRelease);
  await expect(unpacking).rejects.toThrow(sentence);
  expect(await stateOutside()).toEqual(before);
}

describe('an archive is refused, and nothing outside is read, written or changed', () => {
  const link = (name: string, linkname: string) => ({ name, linkname, type: 'symlink' as const });
  const hardLink = (name: string, linkname: string) => ({ name, linkname, type: 'link' as const });
  it.each<[string, Members, string]>([
    ['with a name above the folder', [{ name: '../evil', content: 'x' }], '"../evil" in the archive is outside the release.'],
    ['with an absolute name', [{ name: '/evil', content: 'x' }], 'in the archive is outside the release.'],
    ['with a name that climbs later', [{ name: 'a/../../evil', content: 'x' }], 'in the archive is outside the release.'],
    [
      'with hard links that are too much together',
      [{ name: 'a', content: 'x'.repeat(1_000) }, ...['b', 'c', 'd', 'e'].map((name) => hardLink(name, 'a'))],
      'larger than 4096 bytes',
    ],
    [
      'whose only member is a link out',
      [link('app', '../../outside')],
      '"app" in the archive is a link to "../../outside", which is outside',
    ],
    ['whose only member is an absolute link', [link('app', '/etc')], 'a link in a release must be relative'],
    ['with a file below a link', [link('a', 'b'), { name: 'a/x', content: '' }], '"a/x" in the archive is below "a", which is a link'],
    ['with a link where a file is below', [{ name: 'a/x', content: '' }, link('a', 'b')], '"a" in the archive is there twice, as a folder'],
    ['with a folder and a link of one name', [{ name: 'a', type: 'directory' }, link('a/', 'b')], '"a" in the archive is there twice'],
    ['with a link and a folder of one name', [link('a', 'b'), { name: 'a', type: 'directory' }], 'is there twice, as a link before'],
    ['with a link and a file of one name', [link('a', 'b'), { name: 'a', content: 'x' }], 'is there twice, as a link before'],
    [
      'with a file twice, spelt differently',
      [
        { name: 'a', content: '1' },
        { name: './b/../a', content: '2' },
      ],
      'is there twice, as a file',
    ],
    [
      'with a file below a file',
      [
        { name: 'a', content: '1' },
        { name: 'a/b', content: '2' },
      ],
      'is below "a", which is a file',
    ],
    ['with a hard link to a link', [link('a', 'b'), hardLink('c', 'a')], '"c" in the archive is a hard link to no file before it'],
    [
      'with a hard link before its file, as node-tar sometimes packs it',
      [hardLink('file0', 'file1'), { name: 'file1', content: '' }],
      '"file0" in the archive is a hard link to no file before it, but to "file1": pack it again',
    ],
    ['with a hard link to a folder', [{ name: 'a', type: 'directory' }, hardLink('c', 'a')], 'is a hard link to no file before it'],
    ['with a hard link out from a deep folder', [hardLink('a/b/c/d/x', '../../../../outside/secret')], 'is outside the release'],
    [
      'with a hard link through links that lead out together',
      [link('a/b/c/up', '../..'), link('a/b/escape', 'c/up/../..'), hardLink('x', 'a/b/escape/outside/secret')],
      '".." is allowed only at the beginning',
    ],
    ['with a link that climbs one step too far', [link('a/b', '../../outside')], 'which is outside the release'],
    ['with a block device', [{ name: 'a', type: 'block-device' }], 'is neither a file, a folder nor a link'],
    ['with a pipe', [{ name: 'a', type: 'fifo' }], 'is neither a file, a folder nor a link'],
    [
      'with a file in the place of the release itself',
      [{ name: './', type: 'symlink', linkname: 'x' }],
      'takes the place of the release itself',
    ],
    [
      'with a control character in a name',
      [{ name: 'a\u001b[2J', content: '' }],
      String.raw`"a\u001b[2J" in the archive has a control character`,
    ],
    ['with a control character of eight bits', [{ name: 'a\u009b2J', content: '' }], 'has a control character in its name'],
    ['with a line break in a link', [link('a', 'b\nc')], 'which has a control character or a backslash'],
    ['with a name that turns its direction', [{ name: 'a\u202egnp.exe', content: '' }], 'has a character in its name that is not seen'],
    ['with a name that looks like another', [{ name: 'ad\u200bmin', content: '' }], 'has a character in its name that is not seen'],
    ['with a link that turns its direction', [link('a', 'b\u202ec')], 'which has a character that is not seen'],
    ['with a link to nothing', [link('a', '')], '"a" in the archive is a link to "", which is empty'],
    ['with a backslash in a name', [{ name: 'a\\b', content: '' }], 'has a backslash in its name'],
    ['with a path that no server takes', [{ name: 'a/'.repeat(600), content: '' }], 'has a path of more than 1024 characters'],
    ['with folders that only names have', [{ name: `${'a/'.repeat(30)}b`, content: '' }], 'more than 20 files'],
  ])('%s', async (_what, members, sentence) => {
    await refused(await writeArchive(join(root, 'hostile.tar.gz'), members), sentence);
  });

  it.each<[string, () => Buffer, string]>([
    ['that is cut short', () => rawArchive(rawFile('0', 'a', 'xyz'.repeat(1_000))).subarray(0, 30), 'as a .tar.gz'],
    ['that declares a pax header of 8 GB', () => rawArchive(rawMember('x', 'a', '77777777777', 512)), 'as a .tar.gz'],
    ['that declares a global pax header of 8 GB', () => rawArchive(rawMember('g', 'a', '77777777777', 512)), 'as a .tar.gz'],
    ['that declares a long name of 2 TB', () => rawArchive(rawMember('L', 'a', '\x80\0\0\0\0\0\x02\0\0\0\0\0', 512)), 'as a .tar.gz'],
    ['whose pax header is 400 MB', () => rawBomb(400, rawMember('x', 'a', '02400000000')), 'as a .tar.gz'],
    ['with 400 MB of nothing after its members', () => rawBomb(400, rawFile('0', 'a', 'x')), 'larger than 4096 bytes'],
    ['with a file of 400 MB', () => rawBomb(400, rawMember('0', 'a', '02400000000')), 'larger than 4096 bytes'],
    ['with a file of a negative size', () => rawArchive(rawMember('0', 'a', `\xff${'\xff'.repeat(10)}\x00`)), 'as a .tar.gz'],
    [
      'whose pax header has a negative size',
      () => rawArchive(rawFile('x', 'a', paxRecord('size', '-512')), rawFile('0', 'a', 'x')),
      'as a .tar.gz',
    ],
    // The forms of GNU tar's --sparse (old, 0.0, 0.1, 1.0), the last of which bsdtar of macOS writes unasked, and that of Solaris.
    [
      'with a file with holes, its map in the header',
      () => rawArchive(rawMember('S', 'a', '00000000000')),
      '"a" in the archive is not stored as a whole',
    ],
    ...['GNU.sparse.numblocks', 'GNU.sparse.map', 'GNU.sparse.major', 'SUN.holesdata'].map((key): [string, () => Buffer, string] => [
      `with a file with holes, by ${key}`,
      () => rawArchive(rawFile('x', 'a', paxRecord(key, '1')), rawFile('0', 'a', 'x')),
      '"a" in the archive is not stored as a whole, as files with holes (sparse files): pack it without them',
    ]),
    ['with a name of Latin-1', () => rawArchive(rawMember('0', 'caf\xe9.txt', '00000000000')), 'has a name that is not UTF-8: rename it'],
    [
      'with a link to a name of Latin-1',
      () => rawArchive(rawFile('x', 'a', Buffer.from(paxRecord('linkpath', 'caf\xe9'), 'latin1')), rawMember('2', 'a', '00000000000')),
      'which is not UTF-8',
    ],
  ])('%s, and the memory does not grow', async (_what, make, sentence) => {
    await writeFile(join(root, 'hostile.tar.gz'), make());
    const before = process.resourceUsage().maxRSS;
    await refused(join(root, 'hostile.tar.gz'), sentence);
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(96 * 1024);
  });
});

it('what is unpacked has no member that only another reader finds', async () => {
  // A size in a pax header counts for the next file, and not for the long name between them.
  const archive = rawArchive(
    rawFile('x', 'pax', paxRecord('size', '1536')),
    rawFile('L', '././@LongLink', 'long.txt\0'),
    rawFile('0', 'a', 'a'),
    rawFile('0', 'hidden', 'hidden'),
  );
  await writeFile(join(root, 'two-ways.tar.gz'), archive);
  await unpackArchive(join(root, 'two-ways.tar.gz'), app, small);
  expect(await readdir(app)).toEqual(['long.txt']);
});

it('links are made after everything else', async () => {
  const archive = await writeArchive(join(root, 'app.tar.gz'), [
    { name: 'b', type: 'symlink', linkname: 'lib/a' },
    { name: 'lib/a', content: 'a' },
    { name: 'lib/up', type: 'symlink', linkname: '..' },
  ]);
  await unpackArchive(archive, app, small);
  expect(await readFile(join(app, 'b'), 'utf8')).toBe('a');
});

it.each([
  ['a file', { name: 'README', content: 'second' }],
  ['a folder', { name: 'README/x', content: 'second' }],
  ['a link', { name: 'README', type: 'symlink' as const, linkname: 'x' }],
])('%s whose name the disk takes for another one does not replace it', async (_what, member) => {
  // As on a disk that ignores case after the archive's "readme".
  await writeFile(join(app, 'README'), 'first');
  const archive = await writeArchive(join(root, 'app.tar.gz'), [member]);
  await expect(unpackArchive(archive, app, small)).rejects.toThrow('does not distinguish capitals');
  expect(await readFile(join(app, 'README'), 'utf8')).toBe('first');
});
