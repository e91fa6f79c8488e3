/** Log entries of failed requests, as in an access log: which target had them, and why they failed. */
import { appendFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';

/** File in the run's folder, with one line of JSON per request. */
export const FAILED_REQUESTS_FILE = 'failed-requests.ndjson';
/** A fleet that is down for an hour under the traffic of `npm start` writes about 20 MB. */
const MAX_FAILED_REQUESTS = 100_000;

export type FailureCause =
  /** The target itself answered with a 5xx. */
  | 'targetAnswered'
  /** Refused, reset, closed, or an answer that is no HTTP. */
  | 'targetClosed'
  /** The deregistration delay was over while the target had the request. */
  | 'deregistered'
  | 'connectTimedOut'
  /** Nothing came from the target for the idle time-out. */
  | 'targetTimedOut'
  /** The client stopped in the middle of its request for the idle time-out. */
  | 'clientTimedOut'
  /** The client went away before the answer was complete; an access log has it as 460. */
  | 'clientClosed'
  | 'noTarget';

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html */
export interface FailedRequest {
  readonly atMs: number;
  readonly loadBalancer: string;
  readonly method: string;
  /** The path without the query, which can hold secrets. */
  readonly path: string;
  readonly cause: FailureCause;
  /** What the client got; absent when its connection was closed instead. */
  readonly elbStatusCode?: number;
  /** Absent when the target sent none. */
  readonly targetStatusCode?: number;
  /** Absent when none was chosen. */
  readonly targetId?: string;
  /** `1-…`: the Root of X-Amzn-Trace-Id, by which a client finds its request again. */
  readonly traceId?: string;
}

/** Writes each failed request as a line of JSON, up to the maximum number of lines. */
export function failedRequestLog(file: string): (failed: FailedRequest) => void {
  let lines = 0;
  return (failed) => {
    lines += 1;
    if (lines <= MAX_FAILED_REQUESTS) appendFileSync(file, `${JSON.stringify(failed)}\n`);
  };
}

/** A client can send anything in this header: what is no trace id is none. */
export function rootOf(header: IncomingHttpHeaders[string]): string | undefined {
  return /(?:^|;)\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;|$)/.exec(String(header ?? ''))?.[1];
}
