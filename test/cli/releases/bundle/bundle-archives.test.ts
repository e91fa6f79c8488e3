/** Archives of bundles that the tools of users make. */
import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRelease } from '../../../../cli/releases/package-release.ts';
import { isWar } from '../../../../cli/releases/tomcat/publish-war.ts';
import { writeZip } from '../../../zip.ts';
import { temporaryFolder, writeArchive, writeRelease } from '../release-folder.ts';
import { APPSPEC, packageBundle, writeBundle } from './bundle-folder.ts';

let root: string;
let bundle: string;
beforeEach(async () => {
  root = await temporaryFolder();
  bundle = await writeBundle(join(root, 'shop'), { 'webapps/shop.war': 'war', 'scripts/stop.sh': '#!/bin/sh\n' });
  chmodSync(join(bundle, 'webapps'), 0o750);
  chmodSync(join(bundle, 'scripts/stop.sh'), 0o640);
  symlinkSync('webapps/shop.war', join(bundle, 'current.war'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const publish = (source: string) => packageBundle(source, join(root, 'work'));
/** Packs the folder's content, or the folder itself. */
function pack(tool: 'zip' | 'tar' | 'tgz', name: string, ofFolder = false): string {
  const file = join(root, name);
  const [cwd, what] = ofFolder ? [root, 'shop'] : [bundle, '.'];
  const [program, args] = tool === 'zip' ? ['zip', ['-qry', `${file}.zip`, what]] : ['tar', [tool === 'tgz' ? '-czf' : '-cf', file, what]];
  execFileSync(program as string, args as string[], { cwd: cwd as string });
  if (tool === 'zip') renameSync(`${file}.zip`, file);
  return file;
}

describe('an archive of a bundle', () => {
  it.each([
    ['zip', 'shop.zip', false],
    ['zip', 'build-1', false],
    ['zip', 'shop.zip', true],
    ['tar', 'shop.tar', false],
    ['tar', 'shop.zip', true],
    ['tgz', 'shop.tgz', false],
    ['tgz', 'shop.tar', true],
  ] as const)('of %s, named %s, of its folder %j, is the same release as the folder', async (tool, name, ofFolder) => {
    const file = pack(tool, name, ofFolder);
    expect(await isWar(file)).toBe(false);
    const [ofArchive, { sha256 }] = [await publish(file), await publish(bundle)];
    expect(ofArchive.sha256).toBe(sha256);
  });

  it('made on Windows has no permissions, and gets those of new files', async () => {
    const file = await writeZip(join(root, 'shop.zip'), { 'appspec.yml': APPSPEC, 'scripts/start.sh': '#!/bin/sh\n' });
    const { archivePath } = await publish(file);
    const listing = execFileSync('tar', ['-tvzf', archivePath], { encoding: 'utf8' });
    expect(listing).toMatch(/-rw-r--r-- .*bundle\/scripts\/start\.sh/);
    expect(listing).toMatch(/drwxr-xr-x .*bundle\/scripts\n/);
  });

  it('made on Windows with backslashes in its names is read as unzip does, and no name of it leads out', async () => {
    const names = { 'appspec.yml': APPSPEC, 'scripts\\': '', 'scripts\\start.sh': '#!/bin/sh\n' };
    const { archivePath } = await publish(await writeZip(join(root, 'windows.zip'), names, true));
    expect(execFileSync('tar', ['-tzf', archivePath], { encoding: 'utf8' })).toMatch(/bundle\/scripts\/start\.sh\n/);
    const leads = await writeZip(join(root, 'leads.zip'), { 'appspec.yml': APPSPEC, '..\\..\\x': '' }, true);
    await expect(publish(leads)).rejects.toThrow('is outside of the folder');
  });

  it('with a link that leads out is refused, as a zip and as a tar', async () => {
    symlinkSync('../../etc/passwd', join(bundle, 'passwd'));
    for (const tool of ['zip', 'tar'] as const)
      await expect(publish(pack(tool, `out.${tool}`))).rejects.toThrow(
        /"passwd" in (it|the archive) is a link to "..\/..\/etc\/passwd", which is outside the release/,
      );
  });

  it('that is named .war or .jar stays what it was', async () => {
    expect(await isWar(pack('zip', 'shop.war'))).toBe(true);
    await expect(publish(pack('zip', 'shop.jar'))).rejects.toThrow('a .jar is not a release');
  });

  it('is refused where it is damaged, with one sentence', async () => {
    await expect(publish(await writeArchive(join(root, 'a.tgz'), [{ name: '../appspec.yml', content: APPSPEC }]))).rejects.toThrow(
      'outside the release',
    );
    await expect(publish(await writeZip(join(root, 'a.zip'), { '../appspec.yml': APPSPEC }))).rejects.toThrow(
      'in it is outside of the folder',
    );
  });
});

it('a zip or tar of a release with a contract is refused as before, and a .tar.gz is published', async () => {
  await rm(bundle, { recursive: true });
  await writeRelease(bundle);
  const packaged = (file: string) => packageRelease(file, '1.4.2', join(root, 'work'));
  await expect(packaged(pack('zip', 'app.zip'))).rejects.toThrow(
    'a ZIP archive without an appspec.yml at its root is neither a release nor',
  );
  await expect(packaged(pack('tar', 'app.tar'))).rejects.toThrow('it is neither a folder, a .tar.gz nor an archive of a CodeDeploy bundle');
  expect((await packaged(pack('tgz', 'app.tar.gz'))).app.start).toEqual(['node', 'server.mjs']);
});
