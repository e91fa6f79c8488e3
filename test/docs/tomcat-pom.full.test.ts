/** The pom.xml that docs/tomcat.md leads to, run by Maven as the page says. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { buildTomcatRelease } from '../../cli/releases/tomcat/build-release.ts';
import { tomcatApp as appSchema } from '../../infra/config/app-kind.ts';
import { hashOfFile, pathsOf, readIfPresent } from '../../setup/checkout.mjs';
import { findJdk, findMaven } from '../../setup/find-java.mjs';
import { whyNoJava } from '../../setup/java.mjs';
import { parseLock } from '../../setup/maven-lock.mjs';
import { withSetupLock } from '../../setup/setup-lock.mjs';
import { REPOSITORY } from '../run-node.ts';
import { writeZip } from '../zip.ts';
import { pageText, readPom } from './tomcat-pom.ts';

const noJava = whyNoJava();
/** 40 MB, once. */
const LIMIT = { timeout: 300_000 };

describe.skipIf(noJava !== undefined)(`the pom.xml of docs/tomcat.md${noJava ? ` (${noJava})` : ''}`, LIMIT, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tomcat-pom-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gets the archive and the jars whose hashes the example locks, and the configuration next to it publishes them', async () => {
    writeFileSync(path.join(folder, 'pom.xml'), readPom());
    const jdk = findJdk();
    const repository = `-Dmaven.repo.local=${pathsOf().mavenRepository}`;
    const args = ['--batch-mode', '--no-transfer-progress', repository, 'package'];
    const options = { cwd: folder, env: { ...process.env, JAVA_HOME: jdk.home } };
    // Maven's repository is for one build at a time.
    await withSetupLock(pathsOf().lockFile, () => promisify(execFile)(findMaven(process.env, jdk), args, options));
    const lock = parseLock(readIfPresent(path.join(REPOSITORY, 'examples/tomcat-app/maven.lock')) ?? '');
    const made = (file: string) => hashOfFile(path.join(folder, 'target', file));
    expect(made('tomcat.tar.gz')).toBe(lock.get('tomcat.tar.gz'));
    const jars = [...lock].filter(([file]) => file.startsWith('libraries/')).map(([file, hash]) => [path.basename(file), hash]);
    expect(jars.length).toBeGreaterThan(20);
    expect(
      readdirSync(path.join(folder, 'target/redisson'))
        .sort()
        .map((jar) => [jar, made(`redisson/${jar}`)]),
    ).toEqual(jars.sort());

    const [, text = ''] = /"app": (\{ "kind": "tomcat", "archive": [^}]+\})/.exec(pageText) ?? [];
    const war = path.join(folder, 'app.war');
    await writeZip(war, { 'WEB-INF/web.xml': '<web-app/>' });
    const app = appSchema.parse(JSON.parse(text));
    if (app.kind !== 'tomcat') throw new Error(`the page has an app of the kind ${app.kind}`);
    const fleet = { app, port: 8080, strategy: 'redis' } as const;
    const release = await buildTomcatRelease({ war, fleet, folder: path.join(folder, 'release'), configFolder: folder });
    expect(readdirSync(path.join(release, 'lib'))).toEqual(expect.arrayContaining(jars.map(([jar]) => jar)));
  });
});
