/**
 * Keeps Vitest's order of files, but for those that look back on all of them, and those that a caller wants first. In the full run the
 * scenarios come in an order that a seed draws: each has to hold whatever ran before it.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In this order. */
export const LAST = ['/e2e/valid-answers.test.ts', '/e2e/leaks.test.ts', '/e2e/permissions-used.test.ts'];

/** Environment variable that names files in the order in which they run before all others, with commas between them. */
export const FIRST_FILES_ENV = 'HOLDFAST_TEST_FIRST_FILES';
/** Environment variable with the seed of the scenarios' order; `npm run test:full` draws and prints one. */
export const ORDER_ENV = 'HOLDFAST_TEST_ORDER';

/** A place between 0 and 1 that the seed gives the file, the same in every run (FNV-1a, mixed). */
export function drawnPlace(file: string, seed: string): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}:${file}`) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 4_294_967_296;
}

/** Files in the order in which they run. @param ids paths in Vitest's own order @param seed of the scenarios' order; '' for Vitest's */
export function arrange(ids: readonly string[], seed: string, first: readonly string[] = []): readonly string[] {
  const isScenario = (id: string) => id.includes('/test/e2e/');
  const placeInDraw = (id: string) => drawnPlace(id.split('/e2e/')[1] ?? id, seed);
  const drawn = ids.filter(isScenario).toSorted((a, b) => placeInDraw(a) - placeInDraw(b));
  const order = [...first, '', ...LAST];
  const placeOf = (id: string) => {
    const place = order.findIndex((name) => name !== '' && id.endsWith(name));
    return place === -1 ? order.indexOf('') : place;
  };
  return (seed === '' ? ids : [...ids.filter((id) => !isScenario(id)), ...drawn]).toSorted((a, b) => placeOf(a) - placeOf(b));
}

export default class LastFileSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ids = (await super.sort(files)).map(({ moduleId }) => moduleId);
    const order = arrange(ids, process.env[ORDER_ENV] ?? '', process.env[FIRST_FILES_ENV]?.split(','));
    return files.toSorted((a, b) => order.indexOf(a.moduleId) - order.indexOf(b.moduleId));
  }
}
