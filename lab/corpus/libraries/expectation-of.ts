import type { Expectation, Library } from '../library.ts';
import type { Recording } from '../recordings/recording.ts';

/** What the table says of a recorded key. @returns undefined when no kind, or more than one, has its name */
export function expectationOf(library: Library, key: string): Expectation | undefined {
  const [found, another] = library.keys.filter(({ name }) => name.test(key));
  return another === undefined ? found : undefined;
}

/** Recorded keys that the table does not have: they are added to it by hand, from the library's source. */
export const unexpectedKeys = (library: Library, { keys }: Recording): string[] =>
  keys.map(({ name }) => name).filter((name) => expectationOf(library, name) === undefined);
