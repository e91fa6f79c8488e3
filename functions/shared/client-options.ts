/**
 * What every SDK client is made with. The worst call takes 3 × (2 s + 10 s) plus back-off, under the functions' limit of
 * 60 s; `requestTimeout` by itself only writes a warning.
 */
export const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;
