/** Keeps Vitest's order of files, but for those that look back on all of them, and those that a caller wants first. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In this order. */
export const LAST = ['/e2e/valid-answers.test.ts', '/e2e/leaks.test.ts', '/e2e/permissions-used.test.ts'];

/** Environment variable that names files in the order in which they run before all others, with commas between them. */
export const FIRST_FILES_ENV = 'HOLDFAST_TEST_FIRST_FILES';

export default class LastFileSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const order = [...(process.env[FIRST_FILES_ENV]?.split(',') ?? []), '', ...LAST];
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = order.findIndex((name) => name !== '' && moduleId.endsWith(name));
      return place === -1 ? order.indexOf('') : place;
    };
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
