/** Changes of TypeScript and JavaScript that StrykerJS's instrumenter proposes. */
import { Instrumenter } from '@stryker-mutator/instrumenter';

export interface Proposal {
  /** Offsets in the source. */
  readonly from: number;
  readonly to: number;
  readonly becomes: string;
}

const QUIET = {
  ...Object.fromEntries(
    ['isTraceEnabled', 'isDebugEnabled', 'isInfoEnabled', 'isWarnEnabled', 'isErrorEnabled', 'isFatalEnabled'].map((name) => [
      name,
      () => false,
    ]),
  ),
  ...Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((name) => [name, () => undefined])),
} as unknown as ConstructorParameters<typeof Instrumenter>[0];

/** Texts are left as they are: most are for people, and a test of each word would be a copy of it. */
const OPTIONS = { plugins: null, excludedMutations: ['StringLiteral'], ignorers: [] };

/** @returns every change of a file, in the order of the file */
export async function proposeTypeScript(name: string, content: string): Promise<Proposal[]> {
  const instrumenter = new Instrumenter(QUIET);
  const { mutants } = await instrumenter.instrument([{ name, content, mutate: true }], OPTIONS);
  const starts = [0, ...[...content.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return mutants
    .filter(({ status }) => status !== 'Ignored')
    .map(({ location: { start, end }, replacement = '' }) => ({
      from: (starts[start.line] as number) + start.column,
      to: (starts[end.line] as number) + end.column,
      becomes: replacement,
    }))
    .filter(({ from, to, becomes }) => content.slice(from, to) !== becomes);
}
