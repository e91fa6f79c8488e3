/** What `app.archive`, `app.libraries` and a WAR must not do to the machine that makes a release of them. */
import { spawnSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../cli/releases/list-files.ts';
import { addLibraries, addTomcat } from '../../../../cli/releases/tomcat/add-files.ts';
import { tomcatVersionOf } from '../../../../cli/releases/tomcat/check-tomcat-cluster.ts';
import { unpackZip } from '../../../../cli/releases/unpack-zip.ts';
import { FULL } from '../../../e2e/full-run.ts';
import { writeZip } from '../../../zip.ts';
import { writeArchive } from '../release-folder.ts';

let root: string;
let tomcat: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hostile-files-'));
  tomcat = join(root, 'usr-share-tomcat');
  for (const name of ['bin', 'conf', 'lib']) {
    await mkdir(join(tomcat, name), { recursive: true });
    await writeFile(join(tomcat, name, 'own.jar'), 'of the machine', { mode: 0o600 });
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function isUntouched(): Promise<void> {
  expect((await readdir(tomcat)).sort()).toEqual(['bin', 'conf', 'lib']);
  for (const name of ['bin', 'conf', 'lib']) {
    expect(await readFile(join(tomcat, name, 'own.jar'), 'utf8')).toBe('of the machine');
    expect((await lstat(join(tomcat, name, 'own.jar'))).mode & 0o777).toBe(0o600);
  }
}

/** A ZIP with these attributes of Unix. */
async function zipWithModes(name: string, entries: readonly [name: string, mode: number, content: string][]): Promise<string> {
  const archive = new ZipWriter(new Uint8ArrayWriter());
  for (const [entry, mode, content] of entries) await archive.add(entry, new Uint8ArrayReader(Buffer.from(content)), { unixMode: mode });
  await writeFile(join(root, name), await archive.close());
  return join(root, name);
}

describe('app.archive', () => {
  const add = (archive: string) => addTomcat(archive, join(root, 'release/tomcat'));

  it.each(['relative', 'absolute'])('whose only member is a link to a Tomcat of the machine takes nothing of it: %s', async (kind) => {
    const linkname = kind === 'relative' ? '../../usr-share-tomcat' : tomcat;
    const archive = await writeArchive(join(root, 'tomcat.tar.gz'), [{ name: 'apache-tomcat', type: 'symlink', linkname }]);
    await expect(add(archive)).rejects.toThrow('"apache-tomcat" in the archive is a link to');
    await isUntouched();
  });

  it('whose bin is a link to another folder of it is not Tomcat’s', async () => {
    const archive = await writeArchive(join(root, 'tomcat.tar.gz'), [
      ...['conf', 'lib', 'other'].map((name) => ({ name: `tomcat/${name}/x`, content: '' })),
      { name: 'tomcat/bin', type: 'symlink', linkname: 'other' },
    ]);
    await expect(add(archive)).rejects.toThrow("is not Tomcat's: it has no folder bin");
  });

  it('whose only member is a link within the archive is not Tomcat’s', async () => {
    const archive = await writeArchive(join(root, 'tomcat.tar.gz'), [{ name: 'tomcat', type: 'symlink', linkname: '.' }]);
    await expect(add(archive)).rejects.toThrow("is not Tomcat's: it has no folder bin");
  });

  it('that is a .zip with a link as its only entry takes nothing', async () => {
    const archive = await zipWithModes('tomcat.zip', [['apache-tomcat', 0o120777, tomcat]]);
    await expect(add(archive)).rejects.toThrow('"apache-tomcat" in it is neither a file nor a folder');
    await isUntouched();
  });

  it.each(['relative', 'absolute'])('that is a folder of links to a Tomcat of the machine takes nothing of it: %s', async (kind) => {
    await mkdir(join(root, 'links'));
    const to = kind === 'relative' ? '../usr-share-tomcat' : tomcat;
    for (const name of ['bin', 'conf', 'lib']) await symlink(`${to}/${name}`, join(root, 'links', name));
    await expect(add(join(root, 'links'))).rejects.toThrow(/^Cannot read app\.archive ".*links": The link "bin" points to/);
    expect(await readdir(root)).not.toContain('tomcat.new');
    await isUntouched();
  });
});

describe('app.libraries', () => {
  const lib = () => readdir(join(root, 'release/lib'));
  const add = (folder: string) => addLibraries(join(root, folder), join(root, 'release/lib'), 'memory');
  beforeEach(async () => {
    for (const name of ['one', 'two']) await mkdir(join(root, 'jars', name), { recursive: true });
    await writeFile(join(root, 'jars/one/a.jar'), 'one');
  });

  it('that is a folder takes a file that a link in it leads to, of this folder alone', async () => {
    await symlink('a.jar', join(root, 'jars/one/latest.jar'));
    await add('jars');
    expect((await lib()).sort()).toEqual(['a.jar', 'latest.jar']);
    expect((await lstat(join(root, 'release/lib/latest.jar'))).isFile()).toBe(true);
    await symlink('../../usr-share-tomcat/lib/own.jar', join(root, 'jars/one/own.jar'));
    await expect(add('jars')).rejects.toThrow(
      /^Cannot read app\.libraries ".*jars": The link "one\/own\.jar" points to .*, which is outside the release\.$/,
    );
    await isUntouched();
  });

  it('that is a folder with links in circles is refused before it is copied', async () => {
    // Each leads to a folder that the other is in, and not to its own.
    for (const name of ['x', 'y']) await mkdir(join(root, 'jars', `in-${name}`));
    await symlink('../in-y', join(root, 'jars/in-x/x'));
    await symlink('../in-x', join(root, 'jars/in-y/y'));
    await expect(add('jars')).rejects.toThrow('the link "in-x/x" leads to a folder, and could lead in circles');
  });

  it('with two jars of one name is refused, and names both', async () => {
    await writeFile(join(root, 'jars/two/a.jar'), 'two');
    await expect(add('jars')).rejects.toThrow(/has two jars of one name.*: "(one|two)\/a\.jar" and "(one|two)\/a\.jar"\. Remove one/);
  });

  it('with a link to a jar of the machine takes nothing of it', async () => {
    const archive = await writeArchive(join(root, 'jars.tar.gz'), [
      { name: 'redisson.jar', type: 'symlink', linkname: '../../usr-share-tomcat/lib/own.jar' },
    ]);
    await expect(addLibraries(archive, join(root, 'release/lib'), 'memory')).rejects.toThrow('which is outside the release');
    await isUntouched();
  });

  it('with a folder that is a link takes no jar of it', async () => {
    const archive = await writeArchive(join(root, 'jars.tar.gz'), [
      { name: 'a/b.jar', content: 'b' },
      { name: 'again', type: 'symlink', linkname: 'a' },
    ]);
    await addLibraries(archive, join(root, 'release/lib'), 'memory');
    expect(await readdir(join(root, 'release/lib'))).toEqual(['b.jar']);
  });
});

describe('a WAR', () => {
  const unpack = (file: string) => unpackZip(file, join(root, 'ROOT'), DEFAULT_LIMITS, 'a WAR');

  it.each<[string, Parameters<typeof zipWithModes>[1], string]>([
    ['a link', [['a', 0o120777, '../../outside']], '"a" in it is neither a file nor a folder'],
    [
      'a file through a link',
      [
        ['a', 0o120777, tmpdir()],
        ['a/x', 0o100644, 'x'],
      ],
      '"a" in it is neither a file nor a folder',
    ],
    ['a device', [['a', 0o020666, '']], '"a" in it is neither a file nor a folder'],
    [
      'a file below a file',
      [
        ['a', 0o100644, 'a'],
        ['a/b', 0o100644, 'b'],
      ],
      '"a/b" in it is below "a", which is a file',
    ],
    [
      'a folder with the name of a file',
      [
        ['a', 0o100644, 'a'],
        ['a/', 0o040755, ''],
      ],
      '"a/" in it is there twice, as a file before',
    ],
    [
      'a file with the name of a folder',
      [
        ['a/b', 0o100644, 'a'],
        ['a', 0o100644, ''],
      ],
      '"a" in it is there twice, as a folder before',
    ],
    ['a control character in a name', [['a\u001b[2J', 0o100644, '']], 'has a control character in its name'],
    ['a path that no server takes', [[`${'a/'.repeat(600)}b`, 0o100644, '']], 'has a path of more than 1024 characters'],
    [
      'a hostile entry after a good one',
      [
        ['good', 0o100644, ''],
        ['../evil', 0o100644, ''],
      ],
      '"../evil" in it is outside of the folder',
    ],
  ])('with %s is refused before anything is written', async (_what, entries, sentence) => {
    await expect(unpack(await zipWithModes('a.war', entries))).rejects.toThrow(sentence);
    expect((await readdir(root)).sort()).toEqual(['a.war', 'usr-share-tomcat']);
  });

  it('has a folder whose attributes are -1, as Maven wrote them, and no such file', async () => {
    await unpack(
      await zipWithModes('minus.war', [
        ['WEB-INF/', 0o177777, ''],
        ['WEB-INF/a.txt', 0o100644, 'a'],
      ]),
    );
    expect(await readFile(join(root, 'ROOT/WEB-INF/a.txt'), 'utf8')).toBe('a');
    await expect(unpack(await zipWithModes('file.war', [['b', 0o177777, '']]))).rejects.toThrow('"b" in it is neither a file nor a folder');
  });

  it('with a file twice has the later one, as in Tomcat', async () => {
    const war = await writeZip(join(root, 'twice.war'), { 'WEB-INF/a.txt': 'first', 'WEB-INF/./a.txt': 'second' });
    await unpack(war);
    expect(await readFile(join(root, 'ROOT/WEB-INF/a.txt'), 'utf8')).toBe('second');
  });

  it('with two names that are one on the disk does not lose one of them', async () => {
    await mkdir(join(root, 'ROOT'));
    // As on a disk that ignores case after the WAR's "A.class".
    await writeFile(join(root, 'ROOT/a.class'), 'A');
    await expect(unpack(await writeZip(join(root, 'a.war'), { 'a.class': 'a' }))).rejects.toThrow('does not distinguish capitals');
    expect(await readFile(join(root, 'ROOT/a.class'), 'utf8')).toBe('A');
  });

  it('of 400 MB in 400 KB is refused by its declared size, and one that declares less by its content', async () => {
    const file = await writeZip(join(root, 'bomb.war'), { a: Buffer.alloc(8 * 1024 ** 2) });
    const bomb = await readFile(file);
    expect(bomb.length).toBeLessThan(64 * 1024);
    const entry = bomb.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
    bomb.writeUInt32LE(400 * 1024 ** 2, entry + 24);
    await writeFile(file, bomb);
    await expect(unpackZip(file, join(root, 'ROOT'), { maxBytes: 1024, maxFiles: 9 }, 'a WAR')).rejects.toThrow('larger than 1024 bytes');
    bomb.writeUInt32LE(16, entry + 24);
    await writeFile(file, bomb);
    await expect(unpack(file)).rejects.toThrow('is longer than the archive says');
    expect((await lstat(join(root, 'ROOT/a'))).size).toBeLessThan(1024 ** 2);
  });
});

it.runIf(FULL)('a jar whose manifest is 200 MB has no version', async () => {
  await mkdir(join(root, 'home/lib'), { recursive: true });
  const manifest = Buffer.alloc(200 * 1024 ** 2, ' ');
  manifest.write('Implementation-Version: 10.1.59\n');
  await writeZip(join(root, 'home/lib/catalina.jar'), { 'META-INF/MANIFEST.MF': manifest });
  expect(await tomcatVersionOf(join(root, 'home'))).toBeUndefined();
  // The same on the server, where the service's user reads it.
  const script = `import sys; sys.path.append(${JSON.stringify(join(process.cwd(), 'server/tomcat/files/bin'))})
from tomcat_cluster import tomcat_version; print(tomcat_version(${JSON.stringify(join(root, 'home'))}))`;
  expect(spawnSync('python3', ['-I', '-B', '-c', script], { encoding: 'utf8', timeout: 120_000 }).stdout).toBe('None\n');
});
