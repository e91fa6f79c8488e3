/** Set-up cannot continue. The message is written for the user: what is wrong and what to do. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {{ cause?: unknown, exitCode?: number }} [options] `exitCode` of set-up, 1 by default
   */
  constructor(message, options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SetupError';
    this.exitCode = options.exitCode ?? 1;
  }
}
