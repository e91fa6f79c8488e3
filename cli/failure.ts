/** How a command fails: a code for scripts, sentences for people, and the exit code. */
import type { Severity } from '../functions/shared/check.ts';
import { explainAwsError } from './aws-errors.ts';
import { proxyHint } from './proxy.ts';

/**
 * Exit codes: 0 success, 1 failure, 2 invalid input (nothing was changed), 3 no cloud, or one that does not
 * allow it (nothing was changed). Of doctor: 4 it found warnings or
 * could not read something, 5 it found errors. Of sweeps: 4 it succeeded, and leaves a decision to a person,
 * 5 a dialect of the configuration takes keys of other programs. Of deploys: 6 the deploy failed and left servers changed, or its result is
 * unknown; 7 another deploy is running (nothing was changed). Ended by a signal, of {@link untilSignal}: 128 and its number. docs/ci.md has
 * the table.
 */
export const EXIT = { failed: 1, badInput: 2, noCloud: 3, warnings: 4, errors: 5, notRolledBack: 6, deployRuns: 7 } as const;

export { didYouMean } from '../functions/shared/did-you-mean.ts';

export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly exitCode: number;
  /** `message` says what was wrong, what was left unchanged, and what to do next, in sentences with a full stop. */
  constructor(code: string, message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** A failure of what was typed: nothing was changed. */
export const badInput = (code: string, message: string, options?: ErrorOptions): CommandFailure =>
  new CommandFailure(code, message, EXIT.badInput, options);

/**
 * The exit code by the worst finding of doctor or canary. `unknown` exits like a warning: what could not be checked can hide a fault.
 * @param failOn the least that fails the command @default warning
 */
export function exitCodeBy(worst: Severity, failOn: FailOn = 'warning'): number {
  if (worst === 'error') return EXIT.errors;
  return failOn === 'warning' && (worst === 'warning' || worst === 'unknown') ? EXIT.warnings : 0;
}
export type FailOn = 'warning' | 'error';

/** Exit codes of errors that are not {@link EXIT.failed}. */
const EXIT_BY_NAME: Readonly<Record<string, number>> = {
  InvalidVersion: EXIT.badInput,
  InvalidRelease: EXIT.badInput,
  ReleaseExists: EXIT.badInput,
  PublishRunning: EXIT.badInput,
  InvalidConfiguration: EXIT.badInput,
  InvalidSituation: EXIT.badInput,
  InvalidRecipe: EXIT.badInput,
  PortError: EXIT.badInput,
  NotLocal: EXIT.noCloud,
};

/** Ends `text` with a full stop if it has none: causes and outcomes come from functions and from AWS. */
export const asSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Any thrown value as a failure. Holdfast's own errors keep their name as the code; those of AWS are explained. */
export function toFailure(thrown: unknown): CommandFailure {
  if (thrown instanceof CommandFailure) return thrown;
  if (!(thrown instanceof Error)) return new CommandFailure('Failed', String(thrown));
  const explained = explainAwsError(thrown, proxyHint(process.env, process.versions.node), process.env['AWS_PROFILE']);
  if (explained) return new CommandFailure(explained.code, explained.message, EXIT.noCloud, { cause: thrown });
  const code = thrown.name === 'Error' ? 'Failed' : thrown.name;
  return new CommandFailure(code, thrown.message || code, EXIT_BY_NAME[thrown.name] ?? EXIT.failed, { cause: thrown });
}
