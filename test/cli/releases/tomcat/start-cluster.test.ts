/** Which Tomcat the start script lets into a cluster, with a program in Java's place. */

import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packJar } from '../../../../cli/releases/tomcat/compile-valves.ts';

const BIN = path.resolve(import.meta.dirname, '../../../../server/tomcat/files/bin');
const FILES = {
  'release/bin/tomcat.json': JSON.stringify({
    home: null,
    javaHome: null,
    leastJava: 17,
    leastTomcats: ['9.0.119', '10.1.56'],
    statusPort: 9005,
    sessionManager: 'cluster',
    javaOptions: [],
  }),
  'release/tomcat/bin/bootstrap.jar': '',
  'release/tomcat/conf/web.xml': '<web-app/>',
  'release/conf/server.xml': '<Server/>',
  'java/release': 'JAVA_VERSION="17.0.15"',
  'java/bin/java': '#!/bin/sh\necho started\n',
};
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'start-cluster-'));
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  await cp(BIN, path.join(folder, 'release/bin'), { recursive: true });
  await mkdir(path.join(folder, 'release/tomcat/lib'));
  await chmod(path.join(folder, 'java/bin/java'), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(manifest: string) {
  const jar = await packJar([{ name: 'META-INF/MANIFEST.MF', content: Buffer.from(manifest) }]);
  await writeFile(path.join(folder, 'release/tomcat/lib/catalina.jar'), jar);
  return spawnSync('python3', ['-I', path.join(folder, 'release/bin/start-tomcat.py')], {
    env: { PATH: process.env['PATH'], JAVA_HOME: path.join(folder, 'java'), PORT: '8080', HOLDFAST_DATA: path.join(folder, 'data') },
    encoding: 'utf8',
  });
}

describe('a Tomcat of a cluster', () => {
  it.each([
    ['Implementation-Version: 10.1.53', 'is Tomcat 10.1.53'],
    ['Implementation-Version: 9.0.118', 'is Tomcat 9.0.118'],
    ['Implementation-Version: 12.0.60', 'is Tomcat 12.0.60'],
    ['Implementation-Title: Apache Tomcat', 'does not show its version in lib/catalina.jar'],
  ])('is not started with %s', async (line, what) => {
    const { status, stdout, stderr } = await start(`Manifest-Version: 1.0\r\n${line}\r\n`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`${what}, and a cluster needs 9.0.119, 10.1.56 or a later one of these branches`);
  });

  it('is started with the first that drops what it cannot decrypt', async () => {
    const { stdout, stderr } = await start('Manifest-Version: 1.0\r\nImplementation-Version: 10.1.56\r\n');
    expect({ stdout, stderr }).toEqual({ stdout: 'started\n', stderr: '' });
  });
});
