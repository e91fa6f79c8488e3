import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRAIN_ENV } from '../../functions/shared/aws/drain-rule-contract.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let sticky: SynthesizedApp;
let redis: SynthesizedApp;
beforeAll(async () => {
  sticky = await SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true, strategy: 'sticky' } } });
  redis = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(async () => {
  await sticky?.remove();
  await redis?.remove();
});

interface FunctionProperties {
  readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
}
interface Json {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: FunctionProperties }>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default: string }>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}
const json = (app: SynthesizedApp, part: string) => app.template(part).toJSON() as Json;
const exportsOf = (template: Json): Map<string, unknown> =>
  new Map(Object.values(template.Outputs ?? {}).flatMap(({ Value, Export }) => (Export ? [[Export.Name, Value] as const] : [])));
const importsOf = (template: Json): string[] =>
  [...JSON.stringify(template).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name = '']) => name);

describe('a fleet whose sessions move from memory to the store', () => {
  it('takes one deployment: CloudFormation would not update a web tier of which other stacks import what goes', () => {
    const after = exportsOf(json(redis, 'web-web-tier'));
    const before = exportsOf(json(sticky, 'web-web-tier'));
    const others = sticky.stackNames.map((name) => name.slice('holdfast-'.length)).filter((part) => part !== 'web-web-tier');
    const imported = [...new Set(others.flatMap((part) => importsOf(json(sticky, part))))].filter((name) => before.has(name));
    expect(imported.length).toBeGreaterThan(0);
    for (const name of imported) expect([name, after.get(name)]).toEqual([name, before.get(name)]);
  });

  it('has these resources more in its web tier, which change only on purpose', async () => {
    const known = json(redis, 'web-web-tier').Resources;
    // A version's id contains a hash of its function, of which the next test shows what is more.
    const more = Object.entries(json(sticky, 'web-web-tier').Resources).filter(
      ([id, { Type }]) => !(id in known) && Type !== 'AWS::Lambda::Version',
    );
    await expect(`${JSON.stringify(Object.fromEntries(more), null, 2)}\n`).toMatchFileSnapshot(
      path.join(import.meta.dirname, '__snapshots__', 'sticky-web-tier.template.json'),
    );
  });

  it('has a function that looks whether a terminating server is still in the drain group, by an ARN of its own stack', () => {
    const group = (app: SynthesizedApp) =>
      Object.values(json(app, 'web-web-tier').Resources)
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .flatMap(({ Properties }) => Properties.Environment?.Variables[DRAIN_ENV.drainTargetGroupArn] ?? []);
    expect(group(redis)).toEqual([]);
    expect(group(sticky)).toEqual([{ Ref: 'DrainTargets8CE19367' }]);
  });

  it('has runbooks that know the drain group, which the re-login page has to outrank, and of other fleets none', () => {
    const known = (app: SynthesizedApp) =>
      Object.values(json(app, 'incidents').Resources)
        .filter(({ Type, Properties }) => Type === 'AWS::SSM::Parameter' && JSON.stringify(Properties).includes('/incidents/web'))
        .map(({ Properties }) => JSON.stringify(Properties).match(/drainTargetGroupArn.*?"Ref":"(\w+)"/)?.[1]);
    expect(known(redis)).toEqual([undefined]);
    expect(known(sticky)).toEqual([expect.any(String)]);
    const read = Object.entries(json(sticky, 'incidents').Parameters ?? {}).filter(([, { Default }]) => Default.includes('/drain-'));
    expect(read, 'and no rule, which they do not change').toMatchObject([
      [known(sticky)[0], { Default: '/holdfast/holdfast/web/drain-target-group' }],
    ]);
  });

  it('has deploys that read both ARNs anew whenever their stack is deployed', () => {
    const read = Object.values(json(sticky, 'web-deploy').Parameters ?? {}).filter(({ Default }) => Default.includes('/drain-'));
    expect(read).toEqual(
      ['rule', 'target-group'].map((what) => ({
        Type: 'AWS::SSM::Parameter::Value<String>',
        Default: `/holdfast/holdfast/web/drain-${what}`,
      })),
    );
  });
});
