/** A reason why set-up cannot go on. The message is written for the user: what is wrong and what to do. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {{ cause?: unknown, exitCode?: number }} [options] `exitCode` is what set-up exits with, 1 unless given
   */
  constructor(message, options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SetupError';
    this.exitCode = options.exitCode ?? 1;
  }
}
