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
/** The default zones exist. */
const zonesOf = async () => ({ state: 'known', value: ['a', 'b', 'c'] }) as const;
const read = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));

describe('init', () => {
  it.each<[InitOptions, string]>([
    [{ certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/x' }, 'eu-west-1'],
    [{ allowPlainHttp: true, installation: 'shop', fleet: 'api' }, 'us-east-1'],
    [{ existing: true, region: 'eu-central-1' }, 'eu-central-1'],
  ])('writes an app with a valid configuration for %j', async (options, region) => {
    await init(options, quiet, { folder, tarball: path.join(folder, '../holdfast-0.1.0.tgz'), zonesOf });
    expect(readdirSync(folder).sort()).toEqual(['app.mjs', 'cdk.json', 'holdfast.config.json', 'package.json']);
    expect(readConfig(path.join(folder, 'holdfast.config.json'))).toMatchObject({ region });
    const { holdfast, ...others } = read('package.json').devDependencies;
    expect(holdfast).toBe('file:../holdfast-0.1.0.tgz');
    for (const version of Object.values(others)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('writes the zones of the account, and prints those that it has', async () => {
    const printed: string[] = [];
    const output = { ...quiet, result: (value: unknown, text: () => string) => printed.push(JSON.stringify(value), text()) };
    const asked: string[] = [];
    const ofTokyo = async (region: string) => {
      asked.push(region);
      return { state: 'known', value: ['a', 'c', 'd'] } as const;
    };
    const place = { folder, tarball: path.join(folder, '../holdfast-0.1.0.tgz'), zonesOf: ofTokyo };
    await init({ allowPlainHttp: true, region: 'ap-northeast-1' }, output, place);
    expect(readConfig(path.join(folder, 'holdfast.config.json')).zones).toEqual(['a', 'c', 'd']);
    expect(printed[0]).toContain('"zones":["a","c","d"]');
    expect(printed[1]).toContain('zones of this account in ap-northeast-1: a, c and d; it does not have b');
    expect(asked).toEqual(['ap-northeast-1']);
  });

  it('asks for no zones where the network exists', async () => {
    const never = () => Promise.reject(new Error('asked'));
    await init({ existing: true }, quiet, { folder, tarball: path.join(folder, '../holdfast-0.1.0.tgz'), zonesOf: never });
    expect(read('holdfast.config.json')).not.toHaveProperty('zones');
  });

  it('writes nothing where the account has one zone', async () => {
    const one = async () => ({ state: 'known', value: ['a'] }) as const;
    const place = { folder, tarball: path.join(folder, '../holdfast-0.1.0.tgz'), zonesOf: one };
    await expect(init({ allowPlainHttp: true }, quiet, place)).rejects.toMatchObject({ name: 'CommandFailure', code: 'NoZones' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('adds to a package.json what it lacks, and replaces nothing', async () => {
    writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: 'own', dependencies: { holdfast: 'file:x', constructs: '10.9.0' } }),
    );
    await init({ allowPlainHttp: true }, quiet, { folder, zonesOf });
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
    await expect(init(options, quiet, { folder, zonesOf })).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual(Object.keys(files));
  });
});
