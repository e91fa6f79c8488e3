/** Next to a CDK of the user's, npm installs the package within the peers' range, and otherwise refuses it in words that name the range. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestOf } from '../../package/manifest.ts';
import { writeTarball } from '../../package/write-tarball.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const NPM_MS = 60_000;

const checkout = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as Parameters<typeof manifestOf>[0];
const tested = (name: string): string => checkout.devDependencies[name] as string;

/** What the registry of this test has: npm reads the numbers alone. */
const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  'aws-cdk-lib': ['2.274.0', tested('aws-cdk-lib'), '2.9999.0', '3.0.0'],
  constructs: ['10.8.0', tested('constructs'), '10.9999.0', '11.0.0'],
};

let folder: string;
let registry: Server;
let address: string;

/** A package without content. @returns its tarball's name */
async function pack(manifest: Record<string, unknown>): Promise<string> {
  const name = `${manifest['name']}-${manifest['version']}`;
  mkdirSync(path.join(folder, name));
  writeFileSync(path.join(folder, name, 'package.json'), JSON.stringify(manifest));
  await writeTarball(path.join(folder, name), path.join(folder, `${name}.tgz`), []);
  return `${name}.tgz`;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-peers-'));
  await pack(manifestOf(checkout));
  for (const [name, versions] of Object.entries(PUBLISHED)) for (const version of versions) await pack({ name, version });
  registry = createServer(({ url = '' }, response) => {
    const name = url.slice(1);
    const versions = PUBLISHED[name];
    if (versions) response.end(JSON.stringify({ name, 'dist-tags': { latest: tested(name) }, versions: manifestsOf(name, versions) }));
    else if (/^[a-z0-9.-]+\.tgz$/.test(name)) response.end(readFileSync(path.join(folder, name)));
    else response.writeHead(404).end('{}');
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
});
afterAll(() => {
  registry?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const manifestsOf = (name: string, versions: readonly string[]) =>
  Object.fromEntries(versions.map((version) => [version, { name, version, dist: { tarball: `${address}/${name}-${version}.tgz` } }]));

/** In a project that names these versions. */
function installNextTo(dependencies: Readonly<Record<string, string>>): Promise<{ readonly code: unknown; readonly stderr: string }> {
  const project = mkdtempSync(path.join(folder, 'project-'));
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const env = { PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`, HOME: folder };
  const words = ['install', '--registry', address, '--no-audit', '--no-fund', path.join(folder, `holdfast-${checkout.version}.tgz`)];
  return new Promise((resolve) => {
    execFile('npm', words, { cwd: project, env, timeout: NPM_MS }, (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }));
  });
}

describe('npm', { timeout: 2 * NPM_MS }, () => {
  it.each([
    ['the versions that it is tested with', { 'aws-cdk-lib': tested('aws-cdk-lib'), constructs: tested('constructs') }],
    ['later ones of the same major version', { 'aws-cdk-lib': '2.9999.0', constructs: '10.9999.0' }],
    ['no CDK', {}],
  ])('installs the package next to %s', async (_, dependencies) => {
    const { code, stderr } = await installNextTo(dependencies as Record<string, string>);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('ERESOLVE')]);
  });

  it.each([
    ['aws-cdk-lib', '2.274.0'],
    ['aws-cdk-lib', '3.0.0'],
    ['constructs', '10.8.0'],
    ['constructs', '11.0.0'],
  ])('refuses it next to %s %s', async (name, version) => {
    const { code, stderr } = await installNextTo({ [name]: version });
    expect(code).toBe(1);
    expect(stderr).toContain('ERESOLVE');
    expect(stderr).toContain(`peerOptional ${name}@"^${tested(name)}" from holdfast@${checkout.version}`);
  });
});
