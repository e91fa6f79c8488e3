/** Several things that the user has to fix become one error, so that nobody finds the second after fixing the first. */
import { SetupError } from './setup-error.mjs';

/**
 * @param {readonly (() => unknown)[]} checks each throws a SetupError when something is missing
 * @returns {string[]} the messages, each once
 */
export function problemsOf(checks) {
  const messages = checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (error instanceof SetupError) return [error.message];
      throw error;
    }
  });
  return [...new Set(messages)];
}

/**
 * @param {readonly string[]} problems
 * @throws SetupError with all of them
 */
export function refuseProblems(problems) {
  if (problems.length === 0) return;
  if (problems.length === 1) throw new SetupError(problems[0]);
  const list = problems.map((problem) => `- ${problem}`).join('\n');
  throw new SetupError(`This machine lacks ${problems.length} things. Set-up has downloaded and changed nothing:\n${list}`);
}
