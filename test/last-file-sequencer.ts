/** Keeps Vitest's order of files, but for the one that looks back on all of them. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LAST = '/e2e/permissions-used.test.ts';

export default class LastFileSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLast = ({ moduleId }: TestSpecification) => moduleId.endsWith(LAST);
    return [...sorted.filter((file) => !isLast(file)), ...sorted.filter(isLast)];
  }
}
