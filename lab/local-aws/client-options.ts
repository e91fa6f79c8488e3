/** Options of the SDK clients by which the local cloud calls its own emulator: every call has a time limit, every retry a bound. */
export const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;
