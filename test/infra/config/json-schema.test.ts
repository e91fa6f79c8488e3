import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { branchesOf, type ConfigurationSchema, configurationSchema } from '../../../infra/config/json-schema.ts';
import { parseContent } from '../../../infra/config.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');

/** Values without keys of their own, by their paths. */
function valuesOf(schema: ConfigurationSchema, at = ''): readonly (readonly [string, ConfigurationSchema])[] {
  const own = Object.entries(schema.properties ?? {}) as [string, ConfigurationSchema][];
  return [
    ...own.flatMap(([key, part]) => {
      const below = valuesOf(part, `${at}${key}.`);
      return below.length > 0 ? below : [[`${at}${key}`, part] as const];
    }),
    ...branchesOf(schema).flatMap((branch) => valuesOf(branch, at)),
  ];
}

describe('the JSON Schema of a configuration', () => {
  it('has the meaning of each value, without links', () => {
    const values = valuesOf(configurationSchema()).filter(([key]) => key !== '$schema');
    expect(values.length).toBeGreaterThan(170);
    expect(values.filter(([, { description = '' }]) => description.length < 5 || /`|\]\(/.test(description))).toEqual([]);
    expect(Object.fromEntries(values)['fleets.deploy.firstBakeSeconds']?.description).toMatch(
      /^the bake of the first.*\(default: bakeSeconds\)$/,
    );
  });

  it('leaves out the keys that only tests and the local cloud set, which are read', () => {
    const names = valuesOf(configurationSchema()).map(([key]) => key);
    for (const key of ['drainSliceSeconds', 'leaseSeconds', 'minimumAgentVersion', 'pollSeconds', 'strayCallSeconds']) {
      expect(names.filter((name) => name.endsWith(key))).toEqual([]);
    }
    const config = parseContent({ fleets: { web: { allowPlainHttp: true, deploy: { pollSeconds: 20 } } } }, 'test');
    expect(config.fleets['web']?.deploy.pollSeconds).toBe(20);
  });

  it.each(['holdfast.config.json', ...globSync('examples/**/*.config.json', { cwd: REPOSITORY })])('accepts %s', (file) => {
    const { $schema, ...schema } = configurationSchema();
    expect(z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(JSON.parse(read(file)))).toMatchObject({
      success: true,
    });
  });

  it.each<[string, object]>([
    ['an unknown key', { fleets: { web: { allowPlainHttp: true, prot: 1 } } }],
    ['a wrong type', { fleets: { web: { port: '80' } } }],
    ['a list of fleets', { fleets: [] }],
  ])('refuses %s', (_, config) => {
    const { $schema, ...schema } = configurationSchema();
    expect(z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(config).success).toBe(false);
  });
});
