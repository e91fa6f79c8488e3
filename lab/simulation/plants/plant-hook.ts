import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Change, Plant } from './plant.ts';

/** A plant that cannot be made. */
export class PlantDoesNotApply extends Error {
  override readonly name = 'PlantDoesNotApply';
}

/**
 * Makes the plant whenever its file is loaded from here on.
 * @param repository the folder that the plant's file is in
 * @returns whether the file was loaded since: a plant in a file that nothing loads finds nothing
 */
export function plant({ name, also, ...change }: Plant, repository: string): () => boolean {
  const left = Map.groupBy([change, ...(also ? [also] : [])], ({ file }) => pathToFileURL(path.join(repository, file)).href);
  const loaded = new Set<string>();
  registerHooks({
    load(url, context, nextLoad) {
      const result = nextLoad(url, context);
      const found = left.get(url);
      if (found === undefined) return result;
      loaded.add(url);
      return { ...result, source: found.reduce((source, one) => changeText(source, { ...one, name }), String(result.source)) };
    },
  });
  return () => loaded.size === left.size;
}

/** @throws PlantDoesNotApply unless the plant's text is in the source exactly once */
export function changeText(source: string, { file, text, becomes, name }: Change & Pick<Plant, 'name'>): string {
  const parts = source.split(text);
  if (parts.length !== 2) {
    throw new PlantDoesNotApply(
      `"${name}" does not apply: ${file} has \`${text}\` ${parts.length - 1} times instead of once. Write the plant anew in lab/simulation/plants`,
    );
  }
  return parts.join(becomes);
}
