import type { WaitIdleOutput } from '../document-contract.ts';

/** What one answer of a server shows of the sessions in its memory. */
export interface SessionsSeen {
  /** Absent where it could not be read. */
  readonly count?: number;
  /** The cookie with the session's id, and how the server's own route reads in it. */
  readonly cookie?: string;
  readonly route?: string;
  /** After this time without a request the server ends a session; -1: never. Absent where it does not report that. */
  readonly timeoutSeconds?: number;
  /** Sessions that are known by the id in URLs alone, where there are any. */
  readonly inUrls?: number;
  /** Why something could not be read, in words. */
  readonly reason?: string;
  /** No release is installed: there is nothing to lose. */
  readonly placeholder?: true;
}

type Printed = Pick<
  WaitIdleOutput,
  'sessions' | 'sessionCookie' | 'sessionRoute' | 'sessionTimeoutSeconds' | 'sessionsInUrls' | 'placeholder' | 'reason'
>;

/** @param answer of a document */
export function sessionsSeen(answer: Printed): SessionsSeen {
  const { sessions, sessionCookie, sessionRoute, sessionTimeoutSeconds, sessionsInUrls, placeholder, reason } = answer;
  return {
    ...(sessions !== undefined && { count: sessions }),
    ...(sessionCookie !== undefined && { cookie: sessionCookie }),
    ...(sessionRoute !== undefined && { route: sessionRoute }),
    ...(sessionTimeoutSeconds !== undefined && { timeoutSeconds: sessionTimeoutSeconds }),
    ...(sessionsInUrls !== undefined && { inUrls: sessionsInUrls }),
    ...(reason !== undefined && { reason }),
    ...(placeholder && { placeholder }),
  };
}
