/** What a server can be brought to: a release, or {@link NO_RELEASE}. It has no look-around: other engines than Node's match it too. */
export const INSTALLED_VERSION_PATTERN = '^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$';
/** Format of a release's version, such as `1.4.2`, `v1.4.2` or a Git commit's hash; the CLI and the state machine check it. */
export const VERSION_PATTERN = INSTALLED_VERSION_PATTERN.replace('^', '^(?!none$)');
/** {@link VERSION_PATTERN} in words. */
export const VERSION_RULE =
  'A version begins with a letter or digit and has at most 64 letters, digits, ".", "_", "+" and "-", as 1.4.2 and v1.4.2 do; "none" is reserved';

/** In the place of a version: no release is installed, and the server's placeholder answers. Never a release's name. */
export const NO_RELEASE = 'none';
/** In the place of a version: what the server serves was not deployed by Holdfast. */
export const UNKNOWN_RELEASE = 'unknown';
/** In the place of {@link NO_RELEASE}'s archive's SHA-256. */
export const NO_RELEASE_SHA256 = '0'.repeat(64);

const pattern = new RegExp(VERSION_PATTERN);

/** True when `value` matches {@link VERSION_PATTERN}. */
export function isVersion(value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/** A version in a sentence: the placeholder has none. */
export const releaseWords = (version: string | undefined): string => (version === NO_RELEASE ? 'the placeholder' : `${version}`);
