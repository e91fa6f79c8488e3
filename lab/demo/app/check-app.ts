/** Checks the user's server folder before anything is started. */
import { stat } from 'node:fs/promises';
import { readContract } from '../../../cli/releases/read-contract.ts';
import { InvalidRelease } from '../../../cli/releases/release-errors.ts';
import type { AppContract } from '../../../functions/shared/app-contract.ts';

/**
 * The contract of the server in `folder`.
 *
 * @param examples names that could have been meant instead
 * @throws InvalidRelease with one sentence
 */
export async function checkApp(folder: string, examples: readonly string[] = []): Promise<AppContract> {
  const found = await stat(folder).catch(() => undefined);
  const hint = examples.length > 0 ? ` (the examples are ${listed(examples)})` : '';
  if (!found?.isDirectory()) throw refused(folder, found ? 'it is not a folder' : `it does not exist${hint}`);
  try {
    return await readContract(folder);
  } catch (error) {
    if (error instanceof InvalidRelease) throw refused(folder, error.message.replace(/\.$/, ''));
    throw error;
  }
}

const listed = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

const refused = (folder: string, why: string): InvalidRelease =>
  new InvalidRelease(`--app ${folder} cannot be deployed: ${lowerFirst(why)}; nothing was started`);

const lowerFirst = (text: string): string => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
