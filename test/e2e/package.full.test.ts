/** The installed package on the local cloud: publishing, deploying, rolling back and doctor, each by one policy alone; and docs/ci.md's lines. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../cli/failure.ts';
import type { Ran } from '../cli/run-cli.ts';
import { exitCodes, runLines } from '../docs/ci-page.ts';
import { InstalledPackage, nodesOfPackage } from '../package/installed-package.ts';
import { writeProgram } from '../setup/fake-programs.ts';
import { until } from '../until.ts';
import { writeZip } from '../zip.ts';
import { buildExample, neverUp } from './bad-releases.ts';
import { cloud, currentVersion, deploy, startDeploy, untilEnded, untilHealthy } from './fleet.ts';
import { makePerson, type Person, removePerson } from './people.ts';

const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;
const ROLL_MS = 200_000;
/** The configuration of a fleet that runs WARs. */
const TOMCAT = { kind: 'tomcat', home: '/usr/share/tomcat10', libraries: 'jars', health: { loadBalancer: '/', ready: '/' } };

let installed: InstalledPackage;
let people: { publisher: Person; operator: Person; reader: Person };
let began: string;

beforeAll(async () => {
  await untilHealthy(3);
  began = await currentVersion();
  installed = await InstalledPackage.create();
  people = {
    publisher: await makePerson('paul', 'PublisherPolicyArn'),
    operator: await makePerson('otto', 'OperatorPolicyArn'),
    reader: await makePerson('ruth', 'ReaderPolicyArn'),
  };
}, 600_000);
afterAll(async () => {
  for (const person of Object.values(people ?? {})) await removePerson(person);
  installed?.remove();
  // The scenarios that follow know the release that was there.
  const ended = (await currentVersion()) === began ? undefined : await deploy(began, { recover: true });
  expect(ended?.status ?? 'SUCCEEDED', ended?.message).toBe('SUCCEEDED');
}, ROLL_MS);

const release = async (version: string, build: typeof buildExample = buildExample) => {
  const folder = path.join(installed.folder, `build of ${version}`);
  await build(folder, version);
  return folder;
};

describe.each(await nodesOfPackage())('the package on Node.js $version', ({ version: nodeVersion, node, missing }) => {
  const version = `package-${nodeVersion}`;
  const as = ({ env }: Person, ...args: string[]) =>
    installed.holdfast(args, { node, cwd: installed.folder, env: { HOLDFAST_STATE_FOLDER: STATE_FOLDER, ...env } });

  it.skipIf(missing)('publishes a folder by the publisher’s policy alone', async () => {
    const published = await as(people.publisher, 'releases', 'publish', version, await release(version), '--json');
    expect([published.code, published.stdout], published.stderr).toEqual([0, expect.stringContaining('"result":"published"')]);
  });

  it.skipIf(missing)('publishes a WAR without a JDK', async () => {
    const folder = path.join(installed.folder, `war of ${nodeVersion}`);
    const programs = path.join(folder, 'programs');
    mkdirSync(path.join(folder, 'jars'), { recursive: true });
    mkdirSync(programs);
    for (const name of ['java', 'javac', 'jar']) writeProgram(programs, name, `touch '${path.join(folder, 'started')}'; exit 1`);
    await writeZip(path.join(folder, 'jars/redisson-tomcat-10-3.52.0.jar'), { 'META-INF/MANIFEST.MF': '' });
    const war = await writeZip(path.join(folder, 'app.war'), { 'WEB-INF/web.xml': '<web-app/>', 'index.html': 'hello' });
    const config = path.join(folder, 'holdfast.config.json');
    writeFileSync(config, JSON.stringify({ fleets: { web: { allowPlainHttp: true, port: 8080, app: TOMCAT } } }));
    const { code, stdout, stderr } = await installed.holdfast(
      ['releases', 'publish', `war-${nodeVersion}`, war, '--config', config, '--json'],
      {
        node,
        cwd: folder,
        env: { PATH: `${programs}:/usr/bin:/bin`, HOLDFAST_STATE_FOLDER: STATE_FOLDER, ...people.publisher.env },
      },
    );
    expect([code, stdout], stderr).toEqual([0, expect.stringContaining('"result":"published"')]);
    expect(existsSync(path.join(folder, 'started'))).toBe(false);
  });

  it.skipIf(missing)('deploys and rolls back by the operator’s policy alone', { timeout: 2 * ROLL_MS }, async () => {
    const before = await currentVersion();
    const deployed = await as(people.operator, 'deploy', version, '--json');
    expect([deployed.code, deployed.stdout], deployed.stderr).toEqual([0, expect.stringContaining('"status":"SUCCEEDED"')]);
    expect(await currentVersion()).toBe(version);
    const back = await as(people.operator, 'rollback', '--json');
    expect([back.code, back.stdout], back.stderr).toEqual([0, expect.stringContaining('"status":"SUCCEEDED"')]);
    expect(await currentVersion()).toBe(before);
  });

  it.skipIf(missing)('runs doctor by the reader’s policy alone', async () => {
    const { code, stdout, stderr } = await as(people.reader, 'doctor', '--json');
    expect(stderr).toBe('');
    const { findings } = JSON.parse(stdout) as { findings: { severity: string; what: string }[] };
    const problems = findings.filter(({ severity }) => !['ok', 'notice'].includes(severity));
    // Other scenarios on the same cloud can have left an alarm, or a slow answer.
    expect(problems.filter(({ what }) => !/is in ALARM|a response took/.test(what))).toEqual([]);
    expect(code, stdout).toBe(problems.length === 0 ? 0 : EXIT.warnings);
  });

  it('writes nothing below node_modules', () => {
    expect(installed.isUntouched).toBe(true);
  });
});

describe('the lines of docs/ci.md', () => {
  /** In the place of this one, the tarball was installed. */
  const lines = runLines.filter((line) => line !== 'npm ci');
  const lineWith = (words: string) => lines.find((line) => line.includes(words)) as string;
  let project: string;

  /** As GitHub runs a step. */
  const step = (line: string, tag: string, env: Record<string, string> = {}): Promise<Ran> =>
    installed.run('bash', ['-e', '-o', 'pipefail', '-c', line], {
      cwd: project,
      env: { GITHUB_REF_NAME: tag, HOLDFAST_STATE_FOLDER: STATE_FOLDER, ...env },
    });
  const published = async (tag: string, make = buildExample) => {
    await make(path.join(project, 'build'), tag);
    expect(await step(lineWith('releases publish'), tag, people.publisher.env)).toMatchObject({ code: 0 });
  };
  const rolled = (tag: string, more = '') => step(`${lineWith('deploy "$GITHUB')}${more}`, tag, people.operator.env);
  const latest = async () => (await (await cloud()).records.latestDeploys('web', 1))[0];

  /** A job that waits to be continued: somebody else does so, by the package as well. */
  const continued = async (job: Promise<Ran>): Promise<Ran> => {
    const waiting = await until(
      async () => {
        const deploy = await latest();
        return deploy?.status === 'RUNNING' && deploy.pause && deploy;
      },
      'the deploy waits to be continued',
      ROLL_MS,
    );
    const { env } = people.operator;
    const { code, stderr } = await installed.holdfast(['deploys', 'continue', waiting.deployId], {
      cwd: project,
      env: { HOLDFAST_STATE_FOLDER: STATE_FOLDER, ...env },
    });
    expect(code, stderr).toBe(0);
    return job;
  };

  beforeAll(async () => {
    project = path.join(installed.project, 'repository');
    mkdirSync(project);
    expect(await installed.holdfast(['init', '--allow-plain-http'], { cwd: project })).toMatchObject({ code: 0 });
  });

  const untilLocked = () => until(async () => (await (await cloud()).records.getLock('web'))?.deployId, 'the deploy has the lock');

  const ROWS: Readonly<Record<number, () => Promise<Ran[]>>> = {
    0: async () => {
      await buildExample(path.join(project, 'build'), 'v1.4.2');
      const pipeline: Ran[] = [];
      for (const line of lines.filter((one) => !one.includes('abort'))) {
        const person = line.includes('publish') ? people.publisher : people.operator;
        const job = step(line, 'v1.4.2', person.env);
        pipeline.push(await (line.includes('--pause-after') ? continued(job) : job));
      }
      return pipeline;
    },
    1: async () => {
      await published('v1.5.0', neverUp);
      return [await rolled('v1.5.0')];
    },
    2: async () => [await rolled('v9.9.9'), await rolled('none'), await rolled('.v1')],
    3: async () => [
      await step(lineWith('deploy "$GITHUB'), 'v1.4.2', { ...people.operator.env, HOLDFAST_STATE_FOLDER: path.join(project, 'none') }),
    ],
    6: async () => {
      await published('v1.6.0', neverUp);
      return [await rolled('v1.6.0', ' --on-failure halt')];
    },
    7: async () => {
      const running = await startDeploy({ version: await currentVersion(), recover: true });
      await untilLocked();
      const second = await rolled('v1.4.2');
      expect((await untilEnded(running)).status).toBe('SUCCEEDED');
      return [second];
    },
  };

  // Those of doctor and the canary, and those of signals, have tests of their own.
  const ENDS = Object.keys(ROWS).map(Number);

  it('are in the table', () => {
    expect(exitCodes).toEqual(expect.arrayContaining(ENDS));
  });

  it.each(ENDS.map((code) => ({ code })))('end with $code', { timeout: 3 * ROLL_MS }, async ({ code }) => {
    const ended = (await ROWS[code]?.()) ?? [];
    expect(ended.length).toBeGreaterThan(0);
    for (const one of ended) expect(one.code, `${one.stdout}${one.stderr}`).toBe(code);
  });

  it('abort the deploy of their own job when that is cancelled, and nobody else’s', { timeout: 2 * ROLL_MS }, async () => {
    const abort = () => step(lineWith('abort'), 'v1.4.2', people.operator.env);
    const before = await latest();
    const job = rolled('v1.4.2');
    await until(async () => {
      const deploy = await latest();
      return deploy?.deployId !== before?.deployId && Object.values(deploy?.targets ?? {}).some(({ phase }) => phase !== 'waiting');
    }, 'a server is drained');
    const { code, stdout, stderr } = await abort();
    expect([code, stdout], stderr).toEqual([0, expect.stringMatching(/"status":"ABORTED"/)]);
    expect((await job).code).toBe(EXIT.failed);

    const others = await startDeploy({ version: await currentVersion(), requestedBy: 'somebody else' });
    await untilLocked();
    expect(JSON.parse((await abort()).stdout)).toMatchObject({ deploy: null });
    expect((await untilEnded(others)).status).toBe('SUCCEEDED');
  });
});
