/** A canary's recipe for the traffic of the local cloud, read before anything is started. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readPasswords } from '../../../cli/canary/canary.ts';
import { CommandFailure, EXIT } from '../../../cli/failure.ts';
import { readRecipe } from '../../../functions/canary/contract/read-recipe.ts';
import { passwordSources } from '../../../functions/canary/contract/recipe.ts';
import type { FilledRecipe } from './contract.ts';

/** @throws CommandFailure with one sentence, InvalidRecipe */
export async function readFilledRecipe(file: string, folder: string): Promise<FilledRecipe> {
  const recipe = readRecipe(textOf(file, folder), file);
  if (recipe.login === undefined) throw invalid(file, 'has "jar", and the traffic logs in by steps', 'Give a recipe with "login"');
  const secret = passwordSources(recipe).find(([, source]) => source.secret !== undefined)?.[1].secret;
  if (secret !== undefined)
    throw invalid(
      file,
      `has the password ${secret} in Secrets Manager, which the local cloud does not ask`,
      'Give { "environment": "NAME" }',
    );
  return { recipe, passwords: Object.fromEntries(await readPasswords(recipe, undefined)) };
}

function textOf(file: string, folder: string): string {
  try {
    return readFileSync(path.resolve(folder, file), 'utf8');
  } catch (error) {
    throw invalid(file, `cannot be read (${(error as NodeJS.ErrnoException).code})`, 'Give --recipe the file of a recipe: docs/canary.md');
  }
}

const invalid = (file: string, problem: string, advice: string): CommandFailure =>
  new CommandFailure('InvalidRecipe', `${file} ${problem}. Nothing was started. ${advice}.`, EXIT.badInput);
