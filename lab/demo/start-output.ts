/** What `npm start` prints: with `--json` exactly one line on standard output, the result or the error of a run that had none. */
import type { CommandFailure } from '../../cli/failure.ts';
import { printable, printableJson } from '../../functions/shared/foreign-text.ts';

type Write = (text: string) => unknown;

interface Streams {
  readonly out: Write;
  readonly err: Write;
}

export interface StartOutput {
  /** The result, once. */
  result(text: string): void;
  /** @returns the exit code */
  fail(failure: Pick<CommandFailure, 'code' | 'message' | 'exitCode'>): number;
}

const STREAMS: Streams = { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) };

export function startOutput(json: boolean, { out, err }: Streams = STREAMS): StartOutput {
  let printed = false;
  const result = (text: string) => {
    printed = true;
    out(`${text}\n`);
  };
  return {
    result,
    fail({ code, message, exitCode }) {
      if (!json) err(`${printable(message)}\n`);
      // A run that is interrupted after its result has printed its line.
      else if (!printed) result(printableJson({ error: { code, message } }));
      return exitCode;
    },
  };
}
