import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../cli/releases/list-files.ts';
import { InvalidRelease } from '../../../../cli/releases/release-errors.ts';
import { packJar } from '../../../../cli/releases/tomcat/compile-valves.ts';
import { readDirectory, unpackZip } from '../../../../cli/releases/unpack-zip.ts';
import { writeZip } from '../../../zip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zip-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const unpack = (archive: string, target: string, limits = DEFAULT_LIMITS) => unpackZip(archive, join(folder, target), limits, 'a WAR');

describe('a WAR', () => {
  it('is unpacked with its folders and empty files, deflated and stored', async () => {
    const war = await writeZip(join(folder, 'a.war'), { 'WEB-INF/web.xml': '<web-app/>'.repeat(9_000), empty: '', 'META-INF/': '' });
    await unpack(war, 'a');
    expect((await readdir(join(folder, 'a'), { recursive: true })).sort()).toEqual(['META-INF', 'WEB-INF', 'WEB-INF/web.xml', 'empty']);
    expect(await readFile(join(folder, 'a/WEB-INF/web.xml'), 'utf8')).toBe('<web-app/>'.repeat(9_000));
    await writeFile(join(folder, 'b.war'), await packJar([{ name: 'x', content: Buffer.from('stored') }]));
    await unpack(join(folder, 'b.war'), 'b');
    expect(await readFile(join(folder, 'b/x'), 'utf8')).toBe('stored');
  });

  it('may have more files than a ZIP without the ZIP64 format; their number is what is refused', async () => {
    const write = 'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as war:\n for n in range(66000): war.writestr("%d" % n, "")';
    const war = join(folder, 'many.war');
    expect(spawnSync('python3', ['-I', '-c', write, war], { encoding: 'utf8', timeout: 60_000 }).stderr).toBe('');
    const { entries } = await readDirectory(await openAsBlob(war), (problem) => new InvalidRelease(problem));
    expect(entries).toHaveLength(66_000);
    await expect(unpack(war, 'many', { ...DEFAULT_LIMITS, maxFiles: 65_999 })).rejects.toThrow('it has more than 65999 files');
  });

  it('is refused with a name that is not UTF-8, which would become another', async () => {
    const war = await readFile(await writeZip(join(folder, 'latin.war'), { 'cafe.txt': 'x' }));
    await writeFile(join(folder, 'latin.war'), Buffer.from(war.toString('latin1').replaceAll('cafe', 'caf\xe9'), 'latin1'));
    await expect(unpack(join(folder, 'latin.war'), 'latin')).rejects.toThrow('in it has a name that is not UTF-8: rename it');
  });

  it.each([['../x'], ['/x'], ['a/../../x'], ['a\\x']])('is refused with the name %s', async (name) => {
    const war = await writeZip(join(folder, 'hostile.war'), { [name]: 'x' });
    await expect(unpack(war, 'hostile')).rejects.toThrow(`${JSON.stringify(name)} in it is outside of the folder`);
  });

  it.each([0, 1])('is refused when it names %s of its two files: Java would run the others', async (count) => {
    const war = await readFile(await writeZip(join(folder, 'two.war'), { a: 'content of a', b: 'b' }));
    const end = war.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    for (const at of [8, 10]) war.writeUInt16LE(count, end + at);
    await writeFile(join(folder, 'fewer.war'), war);
    await expect(unpack(join(folder, 'fewer.war'), `fewer-${count}`)).rejects.toThrow('its directory has more than the number of files');
  });

  it('is refused when a file of it has the attribute of a folder', async () => {
    const war = await readFile(await writeZip(join(folder, 'file.war'), { a: 'content of a' }));
    const entry = war.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
    // By MS-DOS, whose attributes they are.
    war.writeUInt8(0, entry + 5);
    war.writeUInt32LE(0x10, entry + 38);
    await writeFile(join(folder, 'folder.war'), war);
    await expect(unpack(join(folder, 'folder.war'), 'attribute')).rejects.toThrow(/"a" in it is a folder by its attributes/);
  });

  it('is refused when it is no ZIP, is cut off or changed, or is past the limits', async () => {
    await writeFile(join(folder, 'text.war'), 'not a zip');
    await expect(unpack(join(folder, 'text.war'), 't')).rejects.toThrow('it is no ZIP archive');
    await expect(unpack(join(folder, 'none.war'), 't')).rejects.toThrow('it does not exist');

    const whole = await readFile(await writeZip(join(folder, 'whole.war'), { a: 'content of a', b: 'b' }));
    await writeFile(join(folder, 'short.war'), whole.subarray(10));
    await expect(unpack(join(folder, 'short.war'), 'short')).rejects.toThrow('damaged');
    const changed = Buffer.from(await packJar([{ name: 'x', content: Buffer.from('content') }]));
    changed[33] = (changed[33] ?? 0) ^ 1;
    await writeFile(join(folder, 'changed.war'), changed);
    await expect(unpack(join(folder, 'changed.war'), 'changed')).rejects.toThrow('its checksum is wrong');

    const limits = { maxBytes: 5, maxFiles: 1 };
    await expect(unpack(join(folder, 'whole.war'), 'many', limits)).rejects.toThrow('more than 1 files');
    await expect(unpack(join(folder, 'whole.war'), 'large', { ...limits, maxFiles: 9 })).rejects.toThrow('larger than 5 bytes');
  });
});

it('a jar has the bytes that its release was published with', async () => {
  const jar = await packJar([{ name: 'holdfast/A.class', content: Buffer.from('content of a') }]);
  expect(createHash('sha256').update(jar).digest('hex')).toBe('6d099c48734d95ebe2da1dc9dacd7e2205fe37c251947b608b6924b16183be75');
});
