import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SETTINGS_ENV } from '../../../functions/deploy/settings/settings.ts';
import { readAssembly, render } from '../assembly.ts';
import { readFleet } from '../deploy-use.ts';
import { estimateCost } from '../estimate-cost.ts';
import { alarms, assemblyOf, functionOf, stackOf } from './templates.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-cost-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, value: unknown) =>
  writeFile(path.join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
const manifest = (templateFile: string, tags: object = { 'holdfast:installation': 'shop' }) => ({
  artifacts: {
    assets: { type: 'cdk:asset-manifest' },
    one: { type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/eu-west-1', properties: { templateFile, tags } },
  },
});

describe('an assembly', () => {
  it('has an installation, a Region and the templates of its stacks', async () => {
    await write('manifest.json', manifest('one.json'));
    await write('one.json', { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } });
    expect(await readAssembly(folder)).toEqual({
      installation: 'shop',
      region: 'eu-west-1',
      stacks: [{ name: 'one', resources: { Topic: { Type: 'AWS::SNS::Topic' } } }],
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['does not exist', {}, 'manifest.json cannot be read (ENOENT)'],
    ['has a manifest that is not valid JSON', { 'manifest.json': '{' }, 'manifest.json is not valid JSON'],
    ['has no stack', { 'manifest.json': {} }, 'its manifest has no stack'],
    ["has no stack of Holdfast's", { 'manifest.json': manifest('one.json', {}) }, 'its manifest has no stack'],
    ['lacks a template', { 'manifest.json': manifest('one.json') }, 'one.json cannot be read (ENOENT)'],
    ['has a template elsewhere', { 'manifest.json': manifest('../one.json') }, 'stack one has no template'],
  ])('that %s is refused with the problem', async (_, files, problem) => {
    for (const [name, value] of Object.entries(files)) await write(name, value);
    await expect(readAssembly(folder)).rejects.toThrow(`${folder} is not an assembly of Holdfast: ${problem}`);
  });
});

describe('the fleet', () => {
  const two = assemblyOf(
    stackOf('holdfast-releases', alarms(1)),
    stackOf('holdfast-web-deploy', { ...functionOf('web'), ...alarms(2) }),
    stackOf('holdfast-web-admin-deploy', functionOf('web-admin')),
    stackOf('holdfast-web-admin-web-tier', alarms(4)),
  );

  it('is the only one by default', () => {
    expect(estimateCost(assemblyOf(stackOf('holdfast-shop-deploy', functionOf('shop'))), {}).assumptions.fleet).toBe('shop');
  });

  it('is one of several by its name; without one, what they share counts once', () => {
    const [web, admin] = ['web', 'web-admin'].map((fleet) => estimateCost(two, { fleet, servers: 4 }));
    const all = estimateCost(two, { servers: 4 });
    expect(all.assumptions).toMatchObject({ fleet: null, fleets: ['web', 'web-admin'], servers: 8, deploysPerDay: 4 });
    expect(all.assumptions.resources.alarms).toBe(1 + 2 + 4);
    const shared = estimateCost(assemblyOf(stackOf('holdfast-releases', alarms(1))), {});
    expect(all.monthlyUsd).toBeCloseTo((web?.monthlyUsd ?? 0) + (admin?.monthlyUsd ?? 0) - shared.monthlyUsd, 1);
  });

  it('has the shared stacks and its own, even when its name begins like another one', () => {
    const counted = (fleet: string) => estimateCost(two, { fleet }).assumptions.resources.alarms;
    expect([counted('web'), counted('web-admin')]).toEqual([1 + 2, 1 + 4]);
  });

  it('has the settings of its functions, with defaults', () => {
    const settings = { 'Fn::Join': ['', ['{"pollSeconds":7,"alarmNames":["', { 'Fn::ImportValue': 'x' }, '"]}']] };
    const stacks = [stackOf('holdfast-web-deploy', functionOf('web', { [SETTINGS_ENV.deploySettings]: settings }))];
    expect(readFleet(stacks, 'web').settings).toMatchObject({ pollSeconds: 7, settleSeconds: 180 });
  });
});

describe('a text with references', () => {
  it.each<[unknown, string]>([
    ['plain', 'plain'],
    [{ Ref: 'Live' }, '<Live>'],
    [{ 'Fn::GetAtt': ['Machine', 'Arn'] }, '<Machine.Arn>'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'B' }]] }, 'a-<B>'],
    [{ 'Fn::ImportValue': 'x' }, '<…>'],
  ])('%j is read as %s', (value, text) => {
    expect(render(value)).toBe(text);
  });
});
