/** Keeps Vitest's order of files, but for those that look back on all of them. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In this order. */
export const LAST = ['/e2e/valid-answers.test.ts', '/e2e/leaks.test.ts', '/e2e/permissions-used.test.ts'];

export default class LastFileSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const placeOf = ({ moduleId }: TestSpecification) => LAST.findIndex((name) => moduleId.endsWith(name));
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
