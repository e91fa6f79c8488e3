import { InvalidRecipe } from '../errors.ts';
import { type Recipe, recipeSchema } from './recipe.ts';

/** The recipe in `text`. @param file its name, for messages @throws InvalidRecipe, which quotes nothing of a password */
export function readRecipe(text: string, file: string): Recipe {
  const unchanged = 'Nothing was sent. docs/canary.md describes a recipe';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the file.
    throw new InvalidRecipe(`${file} is not valid JSON. ${unchanged}.`);
  }
  for (const one of ['a', 'b'])
    if (typeof (value as { users?: Record<string, { password?: unknown }> })?.users?.[one]?.password === 'string')
      throw new InvalidRecipe(
        `users.${one}.password in ${file} is a text, and a password must not be in the file. ${unchanged}: give { "environment": "NAME" } or { "secret": "NAME" }.`,
      );
  const parsed = recipeSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the recipe'}: ${message}`);
  throw new InvalidRecipe(`${file} is not a valid recipe: ${problems.join('; ')}. ${unchanged}.`);
}
