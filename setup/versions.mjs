/** Version numbers as programs print them. */

/**
 * @typedef {readonly [major: number, minor: number, patch: number]} Version
 */

/**
 * @param {string | undefined} text `v24.21.0`, `Python 3.11.7`, `Redis server v=7.0.15 sha=…`, `5:7.0.15-1~deb12u10`
 * @param {RegExp} pattern three groups: major, minor, patch; a missing group is 0
 * @returns {Version | undefined}
 */
function parse(text, pattern) {
  const match = pattern.exec(text ?? '');
  return match ? [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)] : undefined;
}

/** @param {string | undefined} text what `node --version` prints */
export const parseNodeVersion = (text) => parse(text, /^v?(\d+)\.(\d+)\.(\d+)/);

/** @param {string | undefined} text what `python --version` prints; release candidates have a suffix */
export const parsePythonVersion = (text) => parse(text, /^(?:Python )?(\d+)\.(\d+)(?:\.(\d+))?/);

/** @param {string | undefined} text what `redis-server --version` or `valkey-server --version` prints */
export const parseStoreServerVersion = (text) => parse(text, /^(?:Redis|Valkey) server v=(\d+)\.(\d+)(?:\.(\d+))?/i);

/** @param {string | undefined} text `17.0.15`, `21`, `1.8.0_402`, `25-ea`; Java 8 begins with 1 */
export const parseJavaVersion = (text) => parse(text, /^(?:1\.(?=\d\.))?(\d+)(?:\.(\d+))?(?:\.(\d+))?/);

/** @param {string | undefined} text what `mvn --version` prints, in colours or not */
export const parseMavenVersion = (text) => parse(text, /Apache Maven (\d+)\.(\d+)(?:\.(\d+))?/);

/** @param {string | undefined} text a Debian package version, whose epoch ends with a colon */
export const parsePackageVersion = (text) => parse(text, /^(?:\d+:)?(\d+)\.(\d+)(?:\.(\d+))?/);

/**
 * @param {Version | undefined} version
 * @param {readonly [number, number]} minimum major and minor
 */
export function isAtLeast(version, [major, minor]) {
  return version !== undefined && (version[0] > major || (version[0] === major && version[1] >= minor));
}

/**
 * @param {Version} version
 * @param {Version} other
 */
export function isBelow(version, other) {
  const at = version.findIndex((part, index) => part !== other[index]);
  return at >= 0 && version[at] < other[at];
}

/** @param {Version} version */
export const formatVersion = (version) => version.join('.');
