/** A WAR whose pages name files by their content: from the second deploy with the key on, Tomcat answers for pages of either release. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalApp } from '../../lab/demo/app/local-app.ts';
import { warApp } from '../../lab/demo/app/war-app.ts';
import { ensureJava, ensureMavenOutput, whyNoJava } from '../../setup/java.mjs';
import { loading } from './assets/loading.ts';
import { kept } from './fleet.ts';
import { deployJavaFleets, type JavaFleet, type JavaFleets } from './java-fleets.ts';

const withoutJava = whyNoJava();
let java: JavaFleets;

async function pagesOf(version: string): Promise<LocalApp> {
  const output = await ensureMavenOutput('tomcat-app');
  const folder = path.join(kept.runFolder, 'pages-war', version);
  await mkdir(path.join(folder, 'content/assets'), { recursive: true });
  await writeFile(path.join(folder, 'content/index.html'), `<script src="/assets/app.${version}.js"></script>`);
  await writeFile(path.join(folder, `content/assets/app.${version}.js`), `"${version}"`);
  const war = path.join(folder, 'pages.war');
  const jar = path.join(ensureJava().home, 'bin', 'jar');
  await promisify(execFile)(jar, ['--create', '--no-manifest', '--file', war, '-C', path.join(folder, 'content'), '.'], {
    timeout: 60_000,
  });
  const app = {
    kind: 'tomcat' as const,
    home: path.join(output, 'tomcat'),
    libraries: path.join(output, 'libraries'),
    javaOptions: ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'],
    assets: [{ folder: 'assets', path: '/assets/' }],
  };
  const made = warApp(war, { app });
  return { ...made, server: { ...made.server, app } };
}

describe.skipIf(withoutJava !== undefined)(`assets of a WAR${withoutJava ? ` (${withoutJava})` : ''}`, () => {
  beforeAll(async () => {
    java = await deployJavaFleets(['pages'], {}, { pages: () => pagesOf('1.0.0') });
  }, 15 * 60_000);
  afterAll(() => java?.destroy(), 120_000);

  it('no page load lacks a file during the second deploy', { timeout: 15 * 60_000 }, async () => {
    const { publish, deploy, recordOf, loadBalancerUrl } = java.fleets['pages'] as JavaFleet;
    await publish('1.0.0');
    expect(await deploy('1.0.0')).toMatchObject({ status: 'SUCCEEDED' });
    await publish('2.0.0', await pagesOf('2.0.0'));
    const { result, loads, broken } = await loading(loadBalancerUrl, () => deploy('2.0.0'));
    expect(result, result.message).toMatchObject({ status: 'SUCCEEDED' });
    expect((await recordOf(result.executionArn))?.warnings?.join('\n') ?? '').not.toContain('/assets/');
    expect(broken).toEqual([]);
    expect(loads).toBeGreaterThanOrEqual(2_000);
  });
});
