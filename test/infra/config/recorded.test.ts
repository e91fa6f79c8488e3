import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../infra/config.ts';
import { adopted } from '../adopted-configs.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const files = ['holdfast.config.json', ...globSync('examples/**/*.config.json', { cwd: REPOSITORY })];
const CONFIGS: readonly (readonly [string, string])[] = [
  ...files.map((file) => [file, readFileSync(path.join(REPOSITORY, file), 'utf8')] as const),
  ['existing resources', JSON.stringify(adopted())],
  ['a fleet without settings', JSON.stringify({ fleets: { web: { allowPlainHttp: true } } })],
  ['sessions in memory', JSON.stringify({ fleets: { web: { allowPlainHttp: true, strategy: 'sticky' } } })],
];

describe('the configuration that a deployment records, with every default', () => {
  it.each(CONFIGS)('is read as what was deployed: %s', (_, text) => {
    const config = parseConfig(text, 'test');
    expect(parseConfig(JSON.stringify(config), 'test')).toEqual(JSON.parse(JSON.stringify(config)));
  });
});
