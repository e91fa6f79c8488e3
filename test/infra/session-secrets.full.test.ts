/** A fleet's secret changes when it joins or leaves a group: CloudFormation must let the store's stack change first. */
import { describe, expect, it } from 'vitest';
import { FULL } from '../e2e/full-run.ts';
import { SynthesizedApp } from './synthesized.ts';

type Sessions = { readonly group?: string };

/** What each stack imports from the store's, and what that stack exports. */
async function referencesOf(fleets: Readonly<Record<string, Sessions>>) {
  const app = await SynthesizedApp.create({
    fleets: Object.fromEntries(Object.entries(fleets).map(([name, sessions]) => [name, { allowPlainHttp: true, sessions }])),
  });
  const text = (part: string) => JSON.stringify(app.template(part).toJSON());
  const { Outputs = {} } = app.template('session-store').toJSON() as { Outputs?: Record<string, { Export?: { Name: string } }> };
  const exported = Object.values(Outputs).flatMap(({ Export }) => Export?.Name ?? []);
  const imported = Object.keys(fleets).flatMap((fleet) => exported.filter((name) => text(`${fleet}-web-tier`).includes(name)));
  await app.remove();
  return { exported, imported };
}

describe("the store's stack", () => {
  it.runIf(FULL)('can be updated before its fleets when they begin to share their sessions', async () => {
    const before = await referencesOf({ web: {}, api: {} });
    const after = await referencesOf({ web: { group: 'shop' }, api: { group: 'shop' } });
    expect(before.imported.length).toBeGreaterThan(0);
    expect(before.imported.filter((name) => !after.exported.includes(name))).toEqual([]);
  });
});

describe('a change of several users of the store', () => {
  it('is made one user after the other, in one order, since ElastiCache changes one at a time', async () => {
    const usersOf = async (names: readonly string[]) => {
      const app = await SynthesizedApp.create({ fleets: Object.fromEntries(names.map((name) => [name, { allowPlainHttp: true }])) });
      const { Resources } = app.template('session-store').toJSON() as {
        Resources: Record<string, { Type: string; DependsOn?: string[]; Properties: { UserIds?: { Ref: string }[] } }>;
      };
      await app.remove();
      const ofType = (type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === `AWS::ElastiCache::${type}`);
      const ids = ofType('UserGroup')[0]?.[1].Properties.UserIds?.map(({ Ref }) => Ref) ?? [];
      return { ids, waitsFor: Object.fromEntries(ofType('User').map(([id, { DependsOn = [] }]) => [id, DependsOn])) };
    };
    const { ids, waitsFor } = await usersOf(['web', 'api']);
    expect(ids).toHaveLength(8);
    for (const [index, id] of ids.entries()) expect(waitsFor[id]).toEqual(index === 0 ? [] : [ids[index - 1]]);
    expect((await usersOf(['api', 'web'])).ids).toEqual(ids);
  });
});
