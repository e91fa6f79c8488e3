import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { recipeSchema } from '../../functions/canary/contract/recipe.ts';
import { canaryPage, describedRecipe } from './canary-recipe.ts';
import { ALL_CHECKS, doctorPage } from './doctor-page.ts';
import { mitigationsPage } from './mitigations-page.ts';

const read = (file: string): string => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');

it.each([
  ['canary.md', 'canary-recipe', canaryPage],
  ['doctor.md', 'doctor', doctorPage],
  ['mitigations.md', 'mitigations', mitigationsPage],
] as const)('docs/%s has the table that "npm run docs -- %s" writes', (page, _, written) => {
  expect(written(read(page))).toBe(read(page));
});

it('no two checks of one question that the same house asks have the same words', () => {
  const asked = ALL_CHECKS.flatMap(({ name, when, what }) => when.map((asker) => `${name} ${asker} ${what}`));
  expect(asked.filter((one, at) => asked.indexOf(one) !== at)).toEqual([]);
  expect(asked.length).toBeGreaterThan(100);
});

it('the schema of recipes for editors is what "npm run docs -- canary-recipe" writes', () => {
  expect(JSON.parse(read('canary-recipe.schema.json'))).toEqual(describedRecipe());
});

it('describes each part of a recipe', () => {
  const described = Object.entries(describedRecipe().properties ?? {}).filter(([, part]) => (part as { description?: string }).description);
  expect(described.map(([part]) => part).toSorted()).toEqual(
    Object.keys(recipeSchema.shape)
      .filter((part) => part !== '$schema')
      .toSorted(),
  );
});
