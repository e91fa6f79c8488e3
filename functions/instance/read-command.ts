import { LeaseLost } from '../records/records.ts';
import type { CommandState } from '../shared/aws/commands.ts';
import { foreignLine } from '../shared/foreign-text.ts';
import { parseJson } from '../shared/json.ts';
import type * as z from '../shared/schema.ts';
import { CommandFailed } from './errors.ts';

type FinishedCommand = Exclude<CommandState, { state: 'running' }>;

/** Enough of a script's error output for a record, and what is searched for secrets. */
const LONGEST_QUOTE = 300;
const SEARCHED = 3_000;

/** One JSON line, also of a script that failed. @param subject as in `install-release on i-1` @throws CommandFailed, LeaseLost */
export function readCommand<T>(command: FinishedCommand, schema: z.ZodMiniType<T>, subject: string): T {
  const line = command.output
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => text.startsWith('{'));
  const parsed = line === undefined ? undefined : schema.safeParse(parseJson(line));
  if (parsed?.success) return parsed.data;
  if (/^StaleFencingToken/m.test(command.errorOutput)) throw new LeaseLost(`${subject}: ${quote(command.errorOutput)}`);
  if (command.state === 'failed') {
    const words = quote(command.errorOutput);
    throw new CommandFailed(`${subject} ended as ${command.statusDetails}${words === '' ? '' : `: ${words}`}`, {
      cancelled: command.statusDetails === 'Cancelled',
    });
  }
  throw new CommandFailed(
    `${subject} succeeded but printed no valid answer: ${line === undefined ? 'no JSON line' : parsed?.error?.issues[0]?.message}`,
  );
}

/** The end of what a script wrote to its standard error: the reason comes last. */
function quote(text: string): string {
  const end = text.trim().slice(-SEARCHED);
  return foreignLine(end, SEARCHED).slice(-LONGEST_QUOTE);
}
