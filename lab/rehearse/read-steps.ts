/** The steps of docs/install-new.md: what a person reads there is what the rehearsal runs. */

/** One `## N. Name` of the page. */
export interface Step {
  readonly name: string;
  /** The lines of its `sh` blocks, each a program and its arguments, with variables as they are written: `$REGION`. */
  readonly commands: readonly (readonly string[])[];
  /** What it costs, and how it is undone. */
  readonly costs: string;
  readonly undo: string;
}

const HEADING = /^## \d+\. (.+)$/;
const COSTS = '- Costs: ';
const UNDO = '- Undo: ';

/** @throws Error naming the step that lacks a command, its costs or its undo */
export function readSteps(page: string): Step[] {
  const sections = page.split(/^(?=## )/m).filter((section) => HEADING.test(firstLine(section)));
  return sections.map((section) => {
    const name = HEADING.exec(firstLine(section))?.[1] as string;
    const lines = section.split('\n');
    const commands = commandsOf(section);
    const costs = lines.find((line) => line.startsWith(COSTS))?.slice(COSTS.length);
    const undo = lines.find((line) => line.startsWith(UNDO))?.slice(UNDO.length);
    if (commands.length === 0 || costs === undefined || undo === undefined)
      throw new Error(`docs/install-new.md: the step "${name}" lacks a command, or a line that begins with "${COSTS}" or "${UNDO}"`);
    return { name, commands, costs, undo };
  });
}

/** A step whose costs do not begin with "nothing". */
export const costsMoney = ({ costs }: Pick<Step, 'costs'>): boolean => !costs.startsWith('nothing');

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** The lines of a section's `sh` blocks, each a program and its arguments. */
export const commandsOf = (section: string): string[][] =>
  [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block]) => linesOf(block as string));

function linesOf(block: string): string[][] {
  return block
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/\s#.*$/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', '')));
}
