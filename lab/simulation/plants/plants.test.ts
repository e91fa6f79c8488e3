import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PREDICATES, type PredicateId } from '../predicates/predicate.ts';
import { changeText } from './plant-hook.ts';
import { PLANTS } from './plants.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');

const CHANGES = PLANTS.flatMap(({ also, ...plant }) => [plant, ...(also ? [{ ...plant, ...also }] : [])]);

test.each(CHANGES)('“$name” applies: its text is in $file once, within one line', (plant) => {
  const source = readFileSync(path.join(REPOSITORY, plant.file), 'utf8');
  const planted = changeText(source, plant);
  expect(planted).not.toBe(source);
  expect(plant.text).not.toContain('\n');
  expect(planted.split('\n')).toHaveLength(source.split('\n').length);
});

test('each plant has a name of its own: what is missed is listed by it', () => {
  expect(new Set(PLANTS.map(({ name }) => name)).size).toBe(PLANTS.length);
});

test('each predicate has a plant that it is to find, so that none holds because it cannot fail', () => {
  const planted = new Set(PLANTS.map(({ caughtBy }) => caughtBy));
  const without = (Object.keys(PREDICATES) as PredicateId[]).filter((predicate) => !planted.has(predicate));
  expect(without).toEqual([]);
});
