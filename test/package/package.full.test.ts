/** The tarball as its users have it: installed offline in a folder with a blank in its path, and read-only. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildPackage } from '../../package/build-package.ts';
import { writeTarball } from '../../package/write-tarball.ts';

vi.unmock('../../infra/constructs/bundle-function.ts');

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const LIMIT_MS = 120_000;
const CDK_CONTEXT = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };
/** As `cdk init` writes others than Holdfast has. */
const FOREIGN_FLAGS = { '@aws-cdk/aws-iam:minimizePolicies': false, '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': true };

let folder: string;
let project: string;
let tarballs: { file: string; unpackedBytes: number }[];
const env = (more: Record<string, string> = {}) => ({
  PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
  HOME: folder,
  ...more,
});
const inProject = (command: string, args: readonly string[], more?: Record<string, string>) =>
  run(command, [...args], { cwd: project, env: env(more), timeout: LIMIT_MS });
const holdfast = (...args: string[]) => inProject(process.execPath, [path.join(project, 'node_modules/holdfast/lib/holdfast.js'), ...args]);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast package '));
  project = path.join(folder, 'my project');
  mkdirSync(project);
  tarballs = [];
  for (const name of ['a', 'b']) {
    await buildPackage(path.join(folder, name));
    const file = path.join(folder, `${name}.tgz`);
    tarballs.push({ file, ...(await writeTarball(path.join(folder, name), file, ['lib/holdfast.js'])) });
  }
  await inProject('npm', ['install', '--offline', '--no-audit', '--no-fund', path.join(folder, 'a.tgz')]);
  for (const entry of readdirSync(path.join(project, 'node_modules/holdfast'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) chmodSync(path.join(entry.parentPath, entry.name), 0o444);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  it('is small, and the same bytes each time', () => {
    const [a, b] = tarballs.map(({ file }) => createHash('sha256').update(readFileSync(file)).digest('hex'));
    expect(a).toBe(b);
    expect(statSync(path.join(folder, 'a.tgz')).size).toBeLessThan(8e6);
    expect(tarballs[0]?.unpackedBytes).toBeLessThan(30e6);
  });

  it('has no TypeScript but declarations, and is one package', () => {
    const files = globSync('**/*.{ts,mts}', { cwd: path.join(folder, 'a') });
    expect(files.filter((file) => !/\.d\.m?ts$/.test(file))).toEqual([]);
    expect(readdirSync(path.join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['holdfast']);
  });

  it('reports its version, and refuses to guess a Region', async () => {
    const { version } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
    expect((await holdfast('--version')).stdout).toBe(`${version}\n`);
    const { stdout } = await holdfast('help', 'deploy');
    expect([stdout.includes('$ npx --no holdfast deploy 1.4.2'), stdout.includes('npx holdfast')]).toEqual([true, false]);
    await expect(holdfast('status')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('NoRegion') });
  });

  it('makes an app whose templates and assets are those of the checkout, whatever flags the app has', async () => {
    await holdfast('init', '--allow-plain-http');
    await holdfast('config', 'validate');
    for (const name of ['aws-cdk-lib', 'constructs'])
      symlinkSync(path.join(REPOSITORY, 'node_modules', name), path.join(project, 'node_modules', name));
    const own = path.join(project, 'cdk.out');
    await inProject(process.execPath, ['app.mjs'], {
      CDK_OUTDIR: own,
      CDK_CONTEXT_JSON: JSON.stringify({ ...CDK_CONTEXT, ...FOREIGN_FLAGS }),
    });
    const checkout = path.join(folder, 'checkout.out');
    const config = path.join(project, 'holdfast.config.json');
    await run(process.execPath, ['infra/app.ts'], {
      cwd: REPOSITORY,
      env: env({ CDK_OUTDIR: checkout, CDK_CONTEXT_JSON: JSON.stringify({ ...CDK_CONTEXT, checks: 'off', config }) }),
      timeout: LIMIT_MS,
    });
    const templates = (assembly: string) =>
      Object.fromEntries(
        readdirSync(assembly)
          .filter((name) => name.endsWith('.template.json'))
          .map((name) => [name, JSON.parse(readFileSync(path.join(assembly, name), 'utf8'))]),
      );
    expect(Object.keys(templates(own)).length).toBeGreaterThan(8);
    expect(templates(own)).toEqual(templates(checkout));
  });
});
