import type { FailureClass, LossReason } from './contract.ts';

/** The result of a request. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string; readonly location?: string }
  /** `code` is the system's error code: ECONNRESET, ECONNREFUSED, … */
  | { readonly kind: 'broken'; readonly code: string }
  | { readonly kind: 'timedOut' };

/** What a user expects of the session. */
export interface Expectation {
  readonly user: string;
  /** The count in the last good answer; 0 after a login. */
  readonly count: number;
  /** Requests since then whose effect is unknown: the server may have counted each of them or not. */
  readonly uncertain: number;
}

export type Verdict =
  | { readonly verdict: 'good'; readonly count: number; readonly server?: string; readonly version?: string }
  | {
      readonly verdict: 'failed';
      readonly failure: FailureClass;
      readonly detail?: string /** The count to continue from. */;
      readonly count?: number;
      readonly server?: string;
      readonly version?: string;
    }
  | { readonly verdict: 'lost'; readonly reason: LossReason; readonly detail?: string; readonly server?: string };

/** Judges the answer to a count. */
export function judgeCount(expected: Expectation, answer: Answer): Verdict {
  if (answer.kind === 'answered' && answer.status === 401)
    return { verdict: 'lost', reason: 'signedOut', ...namesOf(parseObject(answer.body)) };
  const failure = failureOf(answer);
  if (failure !== undefined) return failure;

  const body = parseObject((answer as Answer & { kind: 'answered' }).body);
  if (body === undefined) return { verdict: 'failed', failure: 'malformed' };
  const names = namesOf(body);
  const { user, count } = body;
  if (user === undefined || user === null || user === '') return { verdict: 'lost', reason: 'noUser', ...names };
  if (typeof user !== 'string' || !Number.isSafeInteger(count)) return { verdict: 'failed', failure: 'malformed', ...names };
  if (user !== expected.user) return { verdict: 'lost', reason: 'wrongUser', ...names };

  const lowest = expected.count + 1;
  const highest = lowest + expected.uncertain;
  const got = count as number;
  const detail = `count ${got}, not ${lowest === highest ? lowest : `${lowest} to ${highest}`}`;
  if (got < lowest) return { verdict: 'lost', reason: 'countWentBack', detail, ...names };
  if (got > highest) return { verdict: 'failed', failure: 'countJumped', detail, count: got, ...names };
  return { verdict: 'good', count: got, ...names };
}

/** Judges the answer to a login: any 2xx is good. A refused login loses no session, since none exists yet. */
export function judgeLogin(answer: Answer): Verdict {
  if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) {
    return { verdict: 'good', count: 0, ...namesOf(parseObject(answer.body)) };
  }
  return failureOf(answer) ?? { verdict: 'failed', failure: 'unexpectedStatus' };
}

/** Judges the answer to a long request: any 200 from the application is good. */
export function judgeLong(answer: Answer): Verdict {
  const failure = failureOf(answer);
  if (failure !== undefined) return failure;
  const body = parseObject((answer as Answer & { kind: 'answered' }).body);
  return body === undefined ? { verdict: 'failed', failure: 'malformed' } : { verdict: 'good', count: 0, ...namesOf(body) };
}

/** Judges a download: lines of JSON, complete when the last one is number `of`. */
export function judgeDownload(answer: Answer): Verdict {
  const failure = failureOf(answer);
  if (failure !== undefined) return failure;
  const lines = (answer as Answer & { kind: 'answered' }).body.trimEnd().split('\n');
  const last = parseObject(lines.at(-1) ?? '');
  const names = namesOf(last);
  if (last?.['chunk'] === lines.length && last['of'] === lines.length) return { verdict: 'good', count: 0, ...names };
  return { verdict: 'failed', failure: 'malformed', detail: `${lines.length} lines of ${String(last?.['of'])}`, ...names };
}

function failureOf(answer: Answer): (Verdict & { verdict: 'failed' }) | undefined {
  if (answer.kind === 'timedOut') return { verdict: 'failed', failure: 'timeout' };
  if (answer.kind === 'broken') return { verdict: 'failed', failure: 'connection', detail: answer.code };
  if (answer.status >= 500) return { verdict: 'failed', failure: 'serverError', ...namesOf(parseObject(answer.body)) };
  if (answer.status !== 200) return { verdict: 'failed', failure: 'unexpectedStatus' };
  return undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Server and release from an answer's body, truncated: they become keys of the report. */
function namesOf(body: Record<string, unknown> | undefined): { server?: string; version?: string } {
  const short = (value: unknown) => (typeof value === 'string' ? value.slice(0, 64) : undefined);
  return { server: short(body?.['server']), version: short(body?.['version']) };
}
