/** The part of journalctl that is needed here: the last lines of one unit in a time, as plain messages, and the removal of all entries. */

import { parseArgs } from 'node:util';
import { messageOf } from '../service/message-of.ts';
import type { CommandReply } from './command-reply.ts';
import type { Journal } from './journal.ts';

export interface Journals {
  find(unit: string): Journal | undefined;
  all(): Iterable<Journal>;
}

/** @see https://www.freedesktop.org/software/systemd/man/latest/journalctl.html */
export function journalctl(args: readonly string[], journals: Journals): CommandReply {
  let options: { unit?: string; lines: string; since?: string; until?: string; output: string; 'vacuum-time'?: string };
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        unit: { type: 'string', short: 'u' },
        lines: { type: 'string', short: 'n', default: '1000' },
        output: { type: 'string', short: 'o', default: 'short' },
        since: { type: 'string', short: 'S' },
        until: { type: 'string', short: 'U' },
        rotate: { type: 'boolean' },
        'vacuum-time': { type: 'string' },
        'no-pager': { type: 'boolean' },
        quiet: { type: 'boolean', short: 'q' },
      },
    });
    options = values;
  } catch (error) {
    return refuse(messageOf(error));
  }
  const { unit, lines, since, until, output, 'vacuum-time': olderThan } = options;
  if (olderThan !== undefined) return vacuum(olderThan, journals);
  if (unit === undefined) return refuse('the local machine has journals of units only: name one with --unit');
  if (output !== 'cat') return refuse('the local machine keeps messages without their fields: use --output=cat');
  const wrong = [since, until].find((time) => time !== undefined && !/^@[0-9]+([.][0-9]+)?$/.test(time));
  if (wrong !== undefined) return refuse(`Failed to parse timestamp: ${wrong}`);
  const entries = journals.find(unit)?.read(Number(lines), milliseconds(since), milliseconds(until)) ?? [];
  return { code: 0, stdout: entries.map((line) => `${line}\n`).join('') };
}

/** The local machine has no time per entry, so that it can only remove them all. */
function vacuum(olderThan: string, { all }: Journals): CommandReply {
  if (olderThan !== '1s') return refuse('the local machine removes every entry or none: use --vacuum-time=1s');
  for (const journal of all()) journal.vacuum();
  return { code: 0 };
}

const milliseconds = (time: string | undefined) => (time === undefined ? undefined : Number(time.slice(1)) * 1000);

const refuse = (reason: string): CommandReply => ({ code: 1, stderr: `${reason}\n` });
