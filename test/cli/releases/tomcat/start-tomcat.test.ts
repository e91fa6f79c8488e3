/** What the start script makes of a release's configuration, with a program in Java's place. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SCRIPT = path.resolve(import.meta.dirname, '../../../../server/tomcat/files/bin/start-tomcat.py');
const FILES = {
  'release/bin/tomcat.json': JSON.stringify({
    home: null,
    javaHome: null,
    leastJava: 17,
    statusPort: 9005,
    sessionManager: 'memory',
    javaOptions: [],
  }),
  'release/tomcat/bin/bootstrap.jar': '',
  'release/tomcat/conf/web.xml': 'Tomcat’s own',
  'release/conf/server.xml': '<Server/>',
  'release/conf/keys/shop.pem': 'a key',
  'java/release': 'JAVA_VERSION="17.0.15"',
  'java/bin/java': '#!/bin/sh\necho started\n',
};
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'start-tomcat-'));
  for (const [name, content] of Object.entries({ ...FILES, 'release/bin/start-tomcat.py': await readFile(SCRIPT, 'utf8') })) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  await chmod(path.join(folder, 'java/bin/java'), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('copies the folders of conf too, at each start', async () => {
  for (let start = 0; start < 2; start++) {
    const { stdout, stderr } = spawnSync('python3', ['-I', path.join(folder, 'release/bin/start-tomcat.py')], {
      env: { PATH: process.env['PATH'], JAVA_HOME: path.join(folder, 'java'), HOLDFAST_DATA: path.join(folder, 'data'), PORT: '8080' },
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'started\n', stderr: '' });
  }
  const textOf = (name: string) => readFile(path.join(folder, 'data/tomcat/conf', name), 'utf8');
  expect(await Promise.all(['web.xml', 'server.xml', 'keys/shop.pem'].map(textOf))).toEqual(['Tomcat’s own', '<Server/>', 'a key']);
});

it("serialises sessions with Java's own codec, which two releases read alike", async () => {
  const settings = path.join(folder, 'release/bin/tomcat.json');
  const before = await readFile(settings, 'utf8');
  await writeFile(settings, JSON.stringify({ ...JSON.parse(before), sessionManager: 'redisson' }));
  const store = {
    SESSION_STORE_HOST: 'store.example',
    SESSION_STORE_TLS: 'true',
    SESSION_STORE_USER: 'web',
    SESSION_STORE_PASSWORD: 'a"b$c',
  };
  const { stdout, stderr } = spawnSync('python3', ['-I', path.join(folder, 'release/bin/start-tomcat.py')], {
    env: {
      PATH: process.env['PATH'],
      JAVA_HOME: path.join(folder, 'java'),
      HOLDFAST_DATA: path.join(folder, 'shop'),
      PORT: '8080',
      ...store,
    },
    encoding: 'utf8',
  });
  await writeFile(settings, before);
  expect({ stdout, stderr }).toEqual({ stdout: 'started\n', stderr: '' });
  const lines = (await readFile(path.join(folder, 'shop/tomcat/conf/redisson.yaml'), 'utf8')).split('\n');
  expect(lines).toContain('codec: !<org.redisson.codec.SerializationCodec> {}');
  expect(lines).toContain('  address: "rediss://store.example:6379"');
  // A dollar sign would begin a variable of Redisson's.
  expect(lines).toContain('  password: "a\\"b\\u0024c"');
});
