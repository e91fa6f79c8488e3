/** The tarball as its users have it, by the commands of its first hour. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildTarball, InstalledPackage, nodesOfPackage, type RunOptions } from './installed-package.ts';
import { readTemplates } from './read-templates.ts';

vi.unmock('../../infra/constructs/bundle-function.ts');

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const VERSION_MS = 1_000;
const MOST_RUNS = 30;
const SYNTHESIS_MS = 30_000;

let installed: InstalledPackage;
let unpackedBytes: number;

beforeAll(async () => {
  installed = await InstalledPackage.create();
  unpackedBytes = await buildTarball(path.join(installed.folder, 'b'), path.join(installed.folder, 'b.tgz'));
}, 600_000);
afterAll(() => installed?.remove());

describe('the tarball', () => {
  it('is small, and the same bytes each time', () => {
    const [a, b] = ['a.tgz', 'b.tgz'].map((name) =>
      createHash('sha256')
        .update(readFileSync(path.join(installed.folder, name)))
        .digest('hex'),
    );
    expect(a).toBe(b);
    expect(statSync(path.join(installed.folder, 'a.tgz')).size).toBeLessThan(7e6);
    expect(unpackedBytes).toBeLessThan(26e6);
  });

  it('has no TypeScript but declarations, and is one package', () => {
    const files = globSync('**/*.{ts,mts}', { cwd: path.join(installed.folder, 'a') });
    expect(files.filter((file) => !/\.d\.m?ts$/.test(file))).toEqual([]);
    expect(readdirSync(path.join(installed.project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['holdfast']);
    expect(installed.printed).toContain('added 1 package');
  });

  it('prints its version within a second, by the link that npm makes', { timeout: 120_000 }, async () => {
    const took: number[] = [];
    // The quickest of some runs: the machine does other work as well.
    while (took.length < MOST_RUNS && !took.some((ms) => ms < VERSION_MS)) {
      const startedAtMs = performance.now();
      const { code, stdout } = await installed.run('node_modules/.bin/holdfast', ['--version']);
      took.push(performance.now() - startedAtMs);
      expect([code, stdout]).toEqual([0, `${versionOf(REPOSITORY)}\n`]);
    }
    expect(Math.min(...took)).toBeLessThan(VERSION_MS);
  });
});

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

const versionOf = (folder: string) => (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string }).version;

/** Without the CDK's own telemetry, which counts constructs. */
const synth = (node: string, options: RunOptions, args: readonly string[] = []) =>
  installed.run(
    node,
    [path.join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk'), 'synth', '--quiet', '--no-notices', '--no-version-reporting', ...args],
    options,
  );

describe.each(await nodesOfPackage())('on Node.js $version', ({ version, node, missing }) => {
  const project = () => path.join(installed.project, `app of ${version}`);
  const inProject = (env: Record<string, string> = {}) => ({ cwd: project(), node, env });

  it.skipIf(missing)('reports its version, and refuses to guess a Region', async () => {
    expect((await installed.holdfast(['--version'], { node })).stdout).toBe(`${versionOf(REPOSITORY)}\n`);
    const { stdout } = await installed.holdfast(['help', 'deploy'], { node });
    expect(stdout).toContain('$ ./holdfast deploy 1.4.2');
    expect(await installed.holdfast(['status'], { node })).toMatchObject({ code: 2, stderr: expect.stringContaining('NoRegion') });
  });

  it.skipIf(missing)('init makes an app whose templates and assets are those of the checkout', { timeout: 400_000 }, async () => {
    mkdirSync(project());
    expect(await installed.holdfast(['init', '--allow-plain-http'], inProject())).toMatchObject({ code: 0 });
    expect(await installed.holdfast(['config', 'validate'], inProject())).toMatchObject({ code: 0 });
    const { devDependencies } = JSON.parse(readFileSync(path.join(project(), 'package.json'), 'utf8')) as Manifest;
    // In the place of `npm install`, which would download them: the same versions, from the checkout.
    for (const name of ['aws-cdk', 'aws-cdk-lib', 'constructs']) {
      const cdkPackage = path.join(REPOSITORY, 'node_modules', name);
      expect(devDependencies[name], name).toBe(versionOf(cdkPackage));
      const place = path.join(installed.project, 'node_modules', name);
      if (!existsSync(place)) symlinkSync(cdkPackage, place);
    }
    const startedAtMs = performance.now();
    const made = await synth(node, inProject());
    expect([made.code, made.stderr]).toEqual([0, expect.anything()]);
    expect(performance.now() - startedAtMs).toBeLessThan(SYNTHESIS_MS);
    const checkout = path.join(installed.folder, `checkout of ${version}`);
    const config = path.join(project(), 'holdfast.config.json');
    const reference = await synth(process.execPath, { cwd: REPOSITORY }, [
      ...['--context', `config=${config}`, '--context', 'checks=off', '--output', checkout],
    ]);
    expect([reference.code, reference.stderr]).toEqual([0, expect.anything()]);
    const templates = readTemplates(path.join(project(), 'cdk.out'));
    expect(Object.keys(templates).length).toBeGreaterThan(8);
    expect(templates).toEqual(readTemplates(checkout));
  });

  it.skipIf(missing)('nothing of it is written below node_modules', () => {
    expect(installed.isUntouched).toBe(true);
  });
});
