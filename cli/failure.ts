/** How a command ends badly: a code for scripts, a sentence for people, and the exit code. */

/** Exit codes: 0 done, 1 it failed, 2 bad input (nothing was changed), 3 no cloud to talk to. */
export const EXIT = { failed: 1, badInput: 2, noCloud: 3 } as const;

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

/** Any thrown value as a failure; errors of Holdfast's own keep their name as the code. */
export function toFailure(thrown: unknown): CommandFailure {
  if (thrown instanceof CommandFailure) return thrown;
  if (!(thrown instanceof Error)) return new CommandFailure('Failed', String(thrown));
  const badInput = ['InvalidVersion', 'InvalidRelease', 'ReleaseExists', 'InvalidConfiguration'].includes(thrown.name);
  return new CommandFailure(thrown.name === 'Error' ? 'Failed' : thrown.name, thrown.message, badInput ? EXIT.badInput : EXIT.failed, {
    cause: thrown,
  });
}
