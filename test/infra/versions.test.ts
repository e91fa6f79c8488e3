/**
 * Why two versions of the CDK are pinned as they are, and neither is the newest.
 *
 * The CLI reads the assembly that the library writes, and rejects one with a newer schema than its own. The registry's
 * newest CLI, 3.0.0, does not work with current libraries; the newest before it, 2.1148.1, reads schema 55. The library
 * 2.275.0 is the last that writes 55: 2.276.0 needs a CLI that the registry does not have. To update, move both, and
 * check with these tests and a deploy of every stack that they work together.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Manifest } from 'aws-cdk-lib/cloud-assembly-schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCdk } from '../../lab/processes/run-cdk.ts';
import { QUICK_APP, REPOSITORY } from './synthesized.ts';

const read = (file: string) => JSON.parse(readFileSync(path.join(REPOSITORY, file), 'utf8')) as Record<string, unknown>;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-versions-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the CLI prints for an assembly of the library with `version` in its manifest. */
async function listAssembly(version: string) {
  const app = new App({ ...QUICK_APP, outdir: folder });
  new CfnResource(new Stack(app, 'Stack'), 'Topic', { type: 'AWS::SNS::Topic' });
  app.synth();
  const manifest = path.join(folder, 'manifest.json');
  await writeFile(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), version }));
  return runCdk(['list', '--app', folder, '--no-color'], folder);
}

describe('the CDK', () => {
  it.each([
    ['aws-cdk-lib', '2.275.0'],
    ['aws-cdk', '2.1148.1'],
  ])('is pinned: %s is exactly %s, in package.json and as installed', (name, version) => {
    expect((read('package.json')['devDependencies'] as Record<string, string>)[name]).toBe(version);
    expect(read(`node_modules/${name}/package.json`)['version']).toBe(version);
  });

  it('writes an assembly that its CLI reads', async () => {
    const { code, output } = await listAssembly(Manifest.version());
    expect(code, output).toBe(0);
  });

  it('would write one that its CLI rejects with the next schema', async () => {
    const next = Number(Manifest.version().split('.')[0]) + 1;
    const { code, output } = await listAssembly(`${next}.0.0`);
    expect(code).toBe(1);
    expect(output).toMatch(/schema version mismatch/i);
  });
});
