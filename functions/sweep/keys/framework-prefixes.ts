/** Prefixes that frameworks give their keys, where an application can replace them by another. */
const PREFIXES = {
  'connect-redis': 'sess:',
  'flask-session': 'session:',
  gorilla: 'session_',
  phpredis: 'PHPREDIS_SESSION:',
  'spring-session': 'spring:session:',
} as const;

export type PrefixedFramework = keyof typeof PREFIXES;
export const PREFIXED_FRAMEWORKS = Object.keys(PREFIXES) as [PrefixedFramework, ...PrefixedFramework[]];

/** What the keys of an application begin with. */
export interface ApplicationPrefix {
  readonly prefix: string;
  /** The framework whose own prefix it replaces. Absent: it precedes whatever the application's frameworks write. */
  readonly framework?: PrefixedFramework | undefined;
}

/** The key with the framework's own prefix in place of the application's. */
export const withOwnPrefix = (framework: PrefixedFramework, rest: string): string => PREFIXES[framework] + rest;
