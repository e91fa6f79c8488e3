import type { PrefixedFramework } from '../contract/settings.ts';

/** Prefixes that frameworks give their keys, where an application can replace them by another. */
const PREFIXES: Readonly<Record<PrefixedFramework, string>> = {
  'connect-redis': 'sess:',
  'flask-session': 'session:',
  gorilla: 'session_',
  phpredis: 'PHPREDIS_SESSION:',
  'spring-session': 'spring:session:',
};

/** The key with the framework's own prefix in place of the application's. */
export const withOwnPrefix = (framework: PrefixedFramework, rest: string): string => PREFIXES[framework] + rest;
