/** The steps of docs/tomcat-to-redis.md: what a reader runs and sees there is what the walk runs and compares. */
import { commandsOf } from '../../../lab/rehearse/read-steps.ts';

/** One `## N. Name` of the page. */
export interface PageStep {
  readonly name: string;
  /** File below examples/tomcat-to-redis that $CONFIG is from this step on. */
  readonly config?: string;
  readonly commands: readonly (readonly string[])[];
  /** Lines that the page shows as printed. */
  readonly shown: readonly string[];
  /** What the page says that users notice. */
  readonly users: string;
}

const HEADING = /^## \d+\. (.+)$/m;

/** @throws Error naming the step that says nothing about users */
export function readPage(page: string): PageStep[] {
  return page
    .split(/^(?=## )/m)
    .filter((section) => HEADING.test(section))
    .map((section) => {
      const name = HEADING.exec(section)?.[1] as string;
      const config = /\(\.\.\/examples\/tomcat-to-redis\/([\w-]+\.config\.json)\)/.exec(section)?.[1];
      const users = /^- Users: (.+)$/m.exec(section)?.[1];
      if (users === undefined) throw new Error(`docs/tomcat-to-redis.md: the step "${name}" has no line that begins with "- Users: "`);
      return { name, ...(config !== undefined && { config }), commands: commandsOf(section), shown: shownIn(section), users };
    });
}

const shownIn = (section: string): string[] =>
  [...section.matchAll(/^```text\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => line.trim() !== '' && line.trim() !== '…');

/** A line without what differs from run to run: ids, numbers, times, and the width of columns. */
export const withoutFigures = (line: string): string =>
  line
    .replaceAll(/\bi-[0-9a-f]+/g, 'i-0')
    .replaceAll(/[0-9a-f]{12,}/g, '0')
    .replaceAll(/\d+/g, '0')
    .replaceAll(/\s+/g, ' ')
    .trim();
