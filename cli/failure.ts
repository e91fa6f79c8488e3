/** How a command ends badly: a code for scripts, a sentence for people, and the exit code. */
import { explainAwsError } from './aws-errors.ts';

/**
 * Exit codes: 0 done, 1 it failed, 2 bad input (nothing was changed), 3 no cloud to talk to. The doctor did its work and
 * found 4 warnings or things that it could not see, 5 errors. Of deploys: 6 it failed and servers are not as they were
 * before, or how it ended is not known; 7 another deploy runs (nothing was changed).
 */
export const EXIT = { failed: 1, badInput: 2, noCloud: 3, warnings: 4, errors: 5, notRolledBack: 6, deployRuns: 7 } as const;

export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly exitCode: number;
  /** `message` says what was wrong, what was left as it was, and what to do next. */
  constructor(code: string, message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** Exit codes of Holdfast's own errors; all others are {@link EXIT.failed}. */
const EXIT_BY_NAME: Readonly<Record<string, number>> = {
  InvalidVersion: EXIT.badInput,
  InvalidRelease: EXIT.badInput,
  ReleaseExists: EXIT.badInput,
  InvalidConfiguration: EXIT.badInput,
  InvalidSituation: EXIT.badInput,
  PortError: EXIT.badInput,
  NotLocal: EXIT.noCloud,
};

/** Any thrown value as a failure; errors of Holdfast's own keep their name as the code, those of AWS become a sentence. */
export function toFailure(thrown: unknown): CommandFailure {
  if (thrown instanceof CommandFailure) return thrown;
  if (!(thrown instanceof Error)) return new CommandFailure('Failed', String(thrown));
  const explained = explainAwsError(thrown);
  if (explained)
    return new CommandFailure(explained.code, explained.message, explained.noCloud ? EXIT.noCloud : EXIT.failed, { cause: thrown });
  const code = thrown.name === 'Error' ? 'Failed' : thrown.name;
  return new CommandFailure(code, thrown.message || code, EXIT_BY_NAME[thrown.name] ?? EXIT.failed, { cause: thrown });
}
