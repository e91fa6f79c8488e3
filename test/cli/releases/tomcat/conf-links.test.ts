/** Links in a fleet's own `app.conf`. */
import { lstat, mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRelease } from '../../../../cli/releases/package-release.ts';
import { buildTomcatRelease } from '../../../../cli/releases/tomcat/build-release.ts';
import { tomcatApp as app } from '../../../../infra/config/app-kind.ts';
import { whyNoJava } from '../../../../setup/java.mjs';
import { writeZip } from '../../../zip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conf-links-'));
  await writeZip(join(folder, 'app.war'), { 'index.html': 'a page' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const build = (conf: string) =>
  buildTomcatRelease({
    war: join(folder, 'app.war'),
    fleet: { app: app.parse({ kind: 'tomcat', home: '/usr/share/tomcat10', conf }), port: 8080, strategy: 'sticky' },
    configFolder: folder,
    folder: join(folder, `release-${conf}`),
  });

describe.skipIf(whyNoJava() !== undefined)('app.conf', () => {
  it('with a link to a file of the machine is refused, and the mode of that file stays as it is', async () => {
    await mkdir(join(folder, 'linked'));
    await writeFile(join(folder, 'private.key'), 'key', { mode: 0o600 });
    await symlink('../private.key', join(folder, 'linked/keystore'));
    await expect(build('linked')).rejects.toThrow('The link "keystore" points to "../private.key", which is outside the release.');
    expect((await lstat(join(folder, 'private.key'))).mode & 0o777).toBe(0o600);
  });

  it('with a link to its own file keeps it, and no mode is changed through it', async () => {
    await mkdir(join(folder, 'inside/keys'), { recursive: true });
    await writeFile(join(folder, 'inside/keys/a'), 'a');
    await symlink('keys/a', join(folder, 'inside/keystore'));
    const release = await build('inside');
    expect(await readlink(join(release, 'conf/keystore'))).toBe('keys/a');
    await packageRelease(release, '1.1.0', join(folder, 'work'));
  });
});
