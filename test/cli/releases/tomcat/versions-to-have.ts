/** Versions that Maven Central was seen to have in November 2026, newest last. The full test resolves each of them. */
export const SEEN_VERSIONS = {
  'org.apache.tomcat:tomcat': ['9.0.104', '9.0.117', '10.1.55', '10.1.59', '11.0.18', '11.0.24'],
  'org.redisson:redisson-tomcat-9': ['3.52.0'],
  'org.redisson:redisson-tomcat-10': ['3.52.0'],
} as const;
export type Artifact = keyof typeof SEEN_VERSIONS;

const patchOf = (version: string): number => Number(version.split('.')[2]);

/** The newest that was seen of a branch, such as `9.0`. */
export const newestSeen = (branch: string): string | undefined =>
  SEEN_VERSIONS['org.apache.tomcat:tomcat']
    .filter((version) => version.startsWith(`${branch}.`))
    .toSorted((a, b) => patchOf(b) - patchOf(a))[0];
