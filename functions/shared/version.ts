/** Format of a release's version; the CLI, the state machine and the instance all check it. */
export const VERSION_PATTERN = '^[0-9][0-9A-Za-z._+-]{0,63}$';

const pattern = new RegExp(VERSION_PATTERN);

/** True when `value` matches {@link VERSION_PATTERN}. */
export function isVersion(value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}
