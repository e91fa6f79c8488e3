import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configurationSchema } from '../../infra/config/json-schema.ts';
import { describedKeys } from '../../package/key-tables.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');
const described = describedKeys(read('docs/configuration.md'));

describe('the JSON Schema of a configuration', () => {
  it('has every key that the page documents, with its meaning', () => {
    const used = new Set<string>();
    configurationSchema((key) => {
      used.add(key);
      return described.get(key);
    });
    expect(described.size).toBeGreaterThan(50);
    expect([...described.keys()].filter((key) => !used.has(key))).toEqual([]);
    expect(described.get('fleets.*.deploy.settleSeconds')).toMatch(/^alarms are watched/);
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
