/** Format of a release's version; the CLI, the state machine and the instance all check it. */
export const VERSION_PATTERN = '^[0-9][0-9A-Za-z._+-]{0,63}$';

/** In the place of a version: no release is installed, and the server's placeholder answers. Never a release's name. */
export const NO_RELEASE = 'none';
/** In the place of its archive's SHA-256. */
export const NO_RELEASE_SHA256 = '0'.repeat(64);

/** What a server can be brought to: a release, or none. */
export const INSTALLED_VERSION_PATTERN = `^(${NO_RELEASE}|${VERSION_PATTERN.slice(1, -1)})$`;

const pattern = new RegExp(VERSION_PATTERN);

/** True when `value` matches {@link VERSION_PATTERN}. */
export function isVersion(value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/** A version in a sentence: the placeholder has none. */
export const releaseWords = (version: string | undefined): string => (version === NO_RELEASE ? 'the placeholder' : `${version}`);
