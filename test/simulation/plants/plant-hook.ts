import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plant } from './plant.ts';

/** A plant that cannot be made. */
export class PlantDoesNotApply extends Error {
  override readonly name = 'PlantDoesNotApply';
}

/**
 * Makes the plant whenever its file is loaded from here on.
 * @param repository the folder that the plant's file is in
 * @returns whether the file was loaded since: a plant in a file that nothing loads finds nothing
 */
export function plant({ file, text, becomes, name }: Plant, repository: string): () => boolean {
  const url = pathToFileURL(path.join(repository, file)).href;
  let loaded = false;
  registerHooks({
    load(loadedUrl, context, nextLoad) {
      const result = nextLoad(loadedUrl, context);
      if (loadedUrl !== url) return result;
      loaded = true;
      return { ...result, source: changeText(String(result.source), { file, text, becomes, name }) };
    },
  });
  return () => loaded;
}

/** @throws PlantDoesNotApply unless the plant's text is in the source exactly once */
export function changeText(source: string, { file, text, becomes, name }: Omit<Plant, 'caughtBy'>): string {
  const parts = source.split(text);
  if (parts.length !== 2) {
    throw new PlantDoesNotApply(
      `"${name}" does not apply: ${file} has \`${text}\` ${parts.length - 1} times instead of once. Write the plant anew in test/simulation/plants`,
    );
  }
  return parts.join(becomes);
}
