/**
 * Scenarios keep Vitest's order, but for those that look back on all of them, and those that a caller wants first; in the full run they
 * come in an order that a seed draws: each has to hold whatever ran before it. Other files come the longest first, also in a checkout
 * that has run none of them: a long one at the end would leave a core without work.
 */
import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { secondsOf } from './recorded-seconds.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
/** One after the other: the files of a project share their processes. Those that do not come first, with the longest of them. */
const PROJECTS = ['parts-alone', 'parts', 'other-engine', 'e2e'];

/** In this order. */
export const LAST = ['/e2e/valid-answers.full.test.ts', '/e2e/leaks.test.ts', '/e2e/permissions-used.test.ts'];

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
  const seconds = (id: string) => secondsOf(path.relative(ROOT, id).replaceAll(path.sep, '/'));
  const others = ids.filter((id) => !isScenario(id)).toSorted((a, b) => seconds(b) - seconds(a));
  const placeInDraw = (id: string) => drawnPlace(id.split('/e2e/')[1] ?? id, seed);
  const scenarios = ids.filter(isScenario);
  const drawn = seed === '' ? scenarios : scenarios.toSorted((a, b) => placeInDraw(a) - placeInDraw(b));
  const order = [...first, '', ...LAST];
  const placeOf = (id: string) => {
    const place = order.findIndex((name) => name !== '' && id.endsWith(name));
    return place === -1 ? order.indexOf('') : place;
  };
  return [...others, ...drawn].toSorted((a, b) => placeOf(a) - placeOf(b));
}

export default class LastFileSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ids = (await super.sort(files)).map(({ moduleId }) => moduleId);
    const first = process.env[FIRST_FILES_ENV]?.split(',');
    const order = arrange(ids, process.env[ORDER_ENV] ?? '', first);
    const projectOf = ({ project }: TestSpecification) => (first ? 0 : PROJECTS.indexOf(project.name));
    return files.toSorted((a, b) => projectOf(a) - projectOf(b) || order.indexOf(a.moduleId) - order.indexOf(b.moduleId));
  }
}
