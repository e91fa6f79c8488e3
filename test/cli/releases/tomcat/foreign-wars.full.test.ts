/** WARs that others wrote, at publishing: which Tomcat each is for, before and after Tomcat's migration tool. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../../cli/releases/list-files.ts';
import { checkClasses } from '../../../../cli/releases/tomcat/check-classes.ts';
import { unpackZip } from '../../../../cli/releases/unpack-zip.ts';
import { tomcatApp as app } from '../../../../infra/config/app-kind.ts';
import { ensureJava, ensureMavenOutput, whyNoJava } from '../../../../setup/java.mjs';

let folder: string;
let javaxWars: string;
let jakartaWars: string;
let checks = 0;

async function check(war: string, tomcat: number): Promise<void> {
  const release = path.join(folder, `release-${checks++}`);
  await mkdir(path.join(release, 'lib'), { recursive: true });
  await unpackZip(war, path.join(release, 'webapps/ROOT'), DEFAULT_LIMITS, 'a WAR');
  const fleet = { app: app.parse({ kind: 'tomcat', home: `/usr/share/tomcat${tomcat}` }), port: 8080, strategy: 'redis' } as const;
  await checkClasses(war, release, fleet);
}

describe.skipIf(whyNoJava() !== undefined)('a WAR that others wrote', () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'foreign-'));
    javaxWars = await ensureMavenOutput('foreign-wars', { parent: 'test/e2e' });
    jakartaWars = await ensureMavenOutput('jakarta-wars', { parent: 'test/e2e' });
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['wicket', 'jspwiki', 'trinidad', 'shiro'])(
    '%s is for Tomcat 9 alone',
    async (name) => {
      const war = path.join(javaxWars, `${name}.war`);
      await check(war, 9);
      await expect(check(war, 10)).rejects.toThrow('is written for javax.servlet, and Tomcat 10 (app.home) has jakarta.servlet');
    },
    120_000,
  );

  it.each(['tobago', 'jetty'])(
    '%s is for Tomcat 10 and newer',
    async (name) => {
      const war = path.join(jakartaWars, `${name}.war`);
      await check(war, 10);
      await expect(check(war, 9)).rejects.toThrow('is written for jakarta.servlet, and Tomcat 9 (app.home) has javax.servlet');
    },
    120_000,
  );

  it('is for the other Tomcat once Tomcat’s migration tool has converted it', async () => {
    const converted = path.join(folder, 'shiro-converted.war');
    const tool = ['-jar', path.join(jakartaWars, 'jakartaee-migration.jar'), path.join(javaxWars, 'shiro.war'), converted];
    execFileSync(ensureJava().java, tool, { stdio: 'ignore', timeout: 120_000 });
    await check(converted, 10);
    await expect(check(converted, 9)).rejects.toThrow('is written for jakarta.servlet');
  }, 180_000);
});
