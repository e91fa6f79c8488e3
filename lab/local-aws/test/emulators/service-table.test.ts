import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ABILITIES } from './abilities.ts';
import { PLACES, type Results, serviceTable, withTable } from './service-table.ts';

const results = JSON.parse(readFileSync(path.join(import.meta.dirname, 'results.json'), 'utf8')) as Results;
const page = readFileSync(path.resolve(import.meta.dirname, '../../../../docs/internals/localstack.md'), 'utf8');

describe('the table of services in docs/internals/localstack.md', () => {
  it('is what "npm run docs -- emulators" wrote', () => {
    expect(withTable(page, results)).toBe(page);
  });

  it('has a result of every ability in every place', () => {
    const all = ABILITIES.map(({ service, what }) => ({ service, what, can: expect.any(Boolean) }));
    expect(results).toEqual(Object.fromEntries(PLACES.map((place) => [place, all])));
  });

  it('shows each result in the column of its place', () => {
    const one = (can: boolean) => [{ service: 'S3', what: 'keeps', can }];
    const table = serviceTable({
      'default emulator': one(true),
      'LocalStack with the extension': one(false),
      'LocalStack alone': one(true),
    });
    expect(
      table
        .split('\n')
        .at(-1)
        ?.split('|')
        .map((cell) => cell.trim()),
    ).toEqual(['', 'S3', 'keeps', 'yes', 'no', 'yes', '']);
  });
});
