import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addInit } from '../../../cli/installation/add-init.ts';
import { type InitOptions, init } from '../../../cli/installation/init.ts';
import { installedFrom } from '../../../cli/installation/write-app.ts';
import { createOutput } from '../../../cli/output.ts';
import { readConfig } from '../../../infra/config.ts';
import { REPOSITORY } from '../../run-node.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quiet = { ...createOutput(true), result: () => {} };
/** The default zones exist. */
const zonesOf = async () => ({ state: 'known', value: ['a', 'b', 'c'] }) as const;
const isTaken = async () => ({ state: 'known', value: false }) as const;
const place = () => ({ folder, tarball: path.join(folder, '../holdfast-0.1.0.tgz'), zonesOf, isTaken });
const read = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));

describe('init', () => {
  it.each<[InitOptions, string]>([
    [{ certificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/x' }, 'eu-west-1'],
    [{ allowPlainHttp: true, installation: 'shop', fleet: 'api' }, 'us-east-1'],
  ])('writes an app with a valid configuration for %j', async (options, region) => {
    await init(options, quiet, place());
    expect(readdirSync(folder).sort()).toEqual(['app.mjs', 'cdk.json', 'holdfast', 'holdfast.config.json', 'package.json']);
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
    await init({ allowPlainHttp: true, region: 'ap-northeast-1' }, output, { ...place(), zonesOf: ofTokyo });
    expect(readConfig(path.join(folder, 'holdfast.config.json')).zones).toEqual(['a', 'c', 'd']);
    expect(printed[0]).toContain('"zones":["a","c","d"]');
    expect(printed[1]).toContain('zones of this account in ap-northeast-1: a, c and d; it does not have b');
    expect(asked).toEqual(['ap-northeast-1']);
  });

  it('names what is to be filled in, which a synthesis refuses until it is, and is valid then', async () => {
    const printed: string[] = [];
    const output = { ...quiet, result: (_: unknown, text: () => string) => printed.push(text()) };
    await init({ existing: true, region: 'eu-central-1' }, output, place());
    const file = path.join(folder, 'holdfast.config.json');
    const refusal = (() => {
      try {
        return JSON.stringify(readConfig(file));
      } catch (error) {
        return (error as Error).stack as string; // As Node prints it in an app: no frames of our code.
      }
    })();
    const named = refusal
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(':')[0] ?? '');
    expect(refusal).toContain(
      'holdfast.config.json has values that are not filled in:\n  network.existing.vpcId: the VPC of the servers, vpc-…',
    );
    expect(named).toHaveLength(10);
    expect(named).toContain('fleets.web.existing.autoScalingGroupName');
    expect(printed[0]).toContain(`Next: fill in in holdfast.config.json\n        ${named.join('\n        ')}\n      npm install\n`);

    let text = readFileSync(file, 'utf8');
    const arn = 'arn:aws:elasticloadbalancing:eu-central-1:111122223333:';
    const values = ['vpc-0123456789abcdef0', ...[1, 2, 3, 4].map((at) => `subnet-0123456789abcdef${at}`)];
    values.push(
      `${arn}targetgroup/web/0123456789abcdef`,
      `${arn}loadbalancer/app/web/0123456789abcdef`,
      'web',
      'web-server',
      'sg-0123456789abcdef0',
    );
    for (const value of values) text = text.replace(/FILL IN: [^"]+/, value);
    writeFileSync(file, text);
    expect(readConfig(file)).toMatchObject({ region: 'eu-central-1' });
    // What one forgot is named alone.
    writeFileSync(file, text.replace('"web-server"', '"FILL IN: the role"'));
    expect(() => readConfig(file)).toThrow(/not filled in:\n {2}fleets\.web\.existing\.instanceRoleName: the role$/);
  });

  it("writes the checkout's file holdfast, which can be run", async () => {
    await init({ allowPlainHttp: true }, quiet, place());
    const file = path.join(folder, 'holdfast');
    expect(readFileSync(file)).toEqual(readFileSync(path.join(REPOSITORY, 'holdfast')));
    expect(statSync(file).mode & 0o700).toBe(0o700);
  });

  it.each([
    ['file', (place: string) => writeFileSync(place, '')],
    ['folder', (place: string) => mkdirSync(place)],
    ['link that leads nowhere', (place: string) => symlinkSync('nowhere', place)],
  ])('refuses a %s named holdfast, and writes nothing', async (_, make) => {
    make(path.join(folder, 'holdfast'));
    await expect(init({ allowPlainHttp: true }, quiet, place())).rejects.toMatchObject({
      code: 'FileExists',
      message: expect.stringContaining('already has holdfast. Nothing was written'),
    });
    expect(readdirSync(folder)).toEqual(['holdfast']);
  });

  it('asks for no zones where the network exists', async () => {
    const never = () => Promise.reject(new Error('asked'));
    await init({ existing: true }, quiet, { ...place(), zonesOf: never });
    expect(read('holdfast.config.json')).not.toHaveProperty('zones');
  });

  it('writes nothing where the account has one zone', async () => {
    const one = async () => ({ state: 'known', value: ['a'] }) as const;
    await expect(init({ allowPlainHttp: true }, quiet, { ...place(), zonesOf: one })).rejects.toMatchObject({
      name: 'CommandFailure',
      code: 'NoZones',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([{ allowPlainHttp: true }, { existing: true }])('writes nothing where the name is taken: %j', async (options) => {
    const asked: string[] = [];
    const taken = async (...[stack, region]: [string, string]) => {
      asked.push(`${stack} in ${region}`);
      return { state: 'known', value: true } as const;
    };
    await expect(init({ ...options, region: 'eu-west-1' }, quiet, { ...place(), isTaken: taken })).rejects.toMatchObject({
      code: 'InstallationExists',
      message: expect.stringContaining('Use --installation NAME to add one'),
    });
    expect([readdirSync(folder), asked]).toEqual([[], ['holdfast-releases in eu-west-1']]);
  });

  it('writes, with a note, where it is not known whether the name is taken', async () => {
    const printed: string[] = [];
    const output = { ...quiet, result: (_: unknown, text: () => string) => printed.push(text()) };
    const subject = { what: 'stack', resource: 'stack', action: 'x' };
    const unknown = async () =>
      ({ state: 'unknown', subject, cause: 'noAnswer', reason: 'there are no AWS credentials', fix: '' }) as const;
    await init({ allowPlainHttp: true }, output, { ...place(), isTaken: unknown });
    expect(printed[0]).toContain('Whether us-east-1 has an installation holdfast is not known, since there are no AWS credentials');
    expect(readdirSync(folder)).toContain('holdfast.config.json');
  });

  it('adds to a package.json what it lacks, and replaces nothing', async () => {
    writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: 'own', dependencies: { holdfast: 'file:x', constructs: '10.9.0' } }),
    );
    await init({ allowPlainHttp: true }, quiet, { folder, zonesOf, isTaken });
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

  it.each([
    ['--existing', '--key-prefix', 'sess:'],
    ['--allow-plain-http', '--auth', 'iam', '--print-policy'],
    ['--secret', 'foo'],
  ])('refuses what needs --store, which it would ignore: %s %s', async (...words) => {
    const program = new Command();
    addInit(program, async (work) => void (await work(quiet)));
    const ran = program.parseAsync(['init', ...words], { from: 'user' });
    const names = words.filter((word) => !['--existing', '--allow-plain-http'].includes(word) && word.startsWith('--'));
    await expect(ran).rejects.toThrow(`${names.join(', ')} can be given with --store alone. Nothing was written.`);
  });

  const GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/0123456789abcdef';
  it.each([
    [['--target-group', GROUP], '--target-group needs --existing'],
    [['--existing', '--store', 'shop'], '--existing and --fleet need --target-group'],
    [['--store', 'shop', '--fleet', 'web'], '--existing and --fleet need --target-group'],
    [
      ['--existing', '--target-group', GROUP, '--allow-plain-http'],
      "option '--target-group <arn>' cannot be used with option '--allow-plain-http'",
    ],
    [['--existing', '--target-group', GROUP, '--certificate-arn', 'arn:c'], "cannot be used with option '--certificate-arn <arn>'"],
    [['--existing', '--target-group', GROUP, '--key-prefix', 'sess:'], '--key-prefix can be given with --store alone'],
    [
      ['--existing', '--target-group', GROUP.replace('targetgroup', 'loadbalancer')],
      'is not the ARN of a target group. Nothing was started',
    ],
  ])('refuses options that do not go together: %s', async (words, message) => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    addInit(program, async (work) => void (await work(quiet)));
    const ran = async () => program.parseAsync(['init', ...words], { from: 'user' });
    await expect(ran()).rejects.toThrow(message);
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
    await expect(init(options, quiet, { folder, zonesOf, isTaken })).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual(Object.keys(files));
  });
});
