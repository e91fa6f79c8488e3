/**
 * Options of every SDK client. The slowest call takes 3 × (2 s + 10 s) plus back-off, below the functions' limit of 60 s.
 * `requestTimeout` alone only logs a warning.
 */
export const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;
