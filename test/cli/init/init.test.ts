import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { init } from '../../../cli/commands/init.ts';
import type { InitOptions } from '../../../cli/init/initial-config.ts';
import { installedFrom } from '../../../cli/init/installed-from.ts';
import { createOutput } from '../../../cli/output.ts';
import { readConfig } from '../../../infra/config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quiet = { ...createOutput(true), result: () => {} };
const read = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));

describe('init', () => {
  it.each<[InitOptions, string]>([
    [{ certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/x' }, 'eu-west-1'],
    [{ allowPlainHttp: true, installation: 'shop', fleet: 'api' }, 'us-east-1'],
    [{ existing: true, region: 'eu-central-1' }, 'eu-central-1'],
  ])('writes an app with a valid configuration for %j', async (options, region) => {
    await init(options, quiet, folder, path.join(folder, '../holdfast-0.1.0.tgz'));
    expect(readdirSync(folder).sort()).toEqual(['app.mjs', 'cdk.json', 'holdfast.config.json', 'package.json']);
    expect(readConfig(path.join(folder, 'holdfast.config.json'))).toMatchObject({ region });
    const { holdfast, ...others } = read('package.json').devDependencies;
    expect(holdfast).toBe('file:../holdfast-0.1.0.tgz');
    for (const version of Object.values(others)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('adds to a package.json what it lacks, and replaces nothing', async () => {
    writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: 'own', dependencies: { holdfast: 'file:x', constructs: '10.9.0' } }),
    );
    await init({ allowPlainHttp: true }, quiet, folder);
    expect(read('package.json')).toEqual({
      name: 'own',
      dependencies: { holdfast: 'file:x', constructs: '10.9.0' },
      devDependencies: { 'aws-cdk': expect.any(String), 'aws-cdk-lib': expect.any(String) },
    });
  });

  it('knows the tarball that npm installed it from, and nothing else', () => {
    const modules = path.join(folder, 'node_modules');
    mkdirSync(modules);
    const lockedAs = (resolved: string) =>
      writeFileSync(path.join(modules, '.package-lock.json'), JSON.stringify({ packages: { 'node_modules/holdfast': { resolved } } }));
    const own = path.join(modules, 'holdfast');
    expect(installedFrom(own)).toBeUndefined();
    lockedAs('https://registry.npmjs.org/holdfast/-/holdfast-0.1.0.tgz');
    expect(installedFrom(own)).toBeUndefined();
    lockedAs('file:../holdfast-0.1.0.tgz');
    expect(installedFrom(own)).toBe(path.join(folder, '../holdfast-0.1.0.tgz'));
  });

  it.each<[string, InitOptions, Record<string, string>, string]>([
    ['a folder without Holdfast, whose tarball is not known', { allowPlainHttp: true }, {}, 'Run "npm install TARBALL" there first'],
    ['no way to serve', {}, {}, 'Nothing was written'],
    ['two ways to serve', { existing: true, allowPlainHttp: true }, {}, 'only one'],
    ['what is no certificate', { certificateArn: 'x' }, {}, 'certificateArn'],
    ['a file that exists', { allowPlainHttp: true }, { 'app.mjs': '//' }, 'already has app.mjs. Nothing was written'],
    ['a package.json that is none', { allowPlainHttp: true }, { 'package.json': '[' }, 'is not a JSON object. Nothing was written'],
  ])('refuses %s, and writes nothing', async (_, options, files, message) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    await expect(init(options, quiet, folder)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual(Object.keys(files));
  });
});
