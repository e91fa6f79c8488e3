/** Runs a request that has been authorized; its errors have the codes of the commands. */
import type { IncomingMessage } from 'node:http';
import { badInput, type CommandFailure, EXIT, toFailure } from '../cli/failure.ts';
import type { Backend } from './backend.ts';
import type { ApiRequest, RouteMatch } from './routes.ts';

export { findRoute } from './routes.ts';

export interface RouteResult {
  readonly status: number;
  readonly value: unknown;
  /** The age of an answer that tabs share, in seconds. */
  readonly headers?: { readonly age: string };
}

/** In milliseconds: of metrics, which have a value a minute, and of everything else. */
export type ShareMs = Readonly<Record<'reads' | 'metrics', number>>;

/** Readings that tabs share, by what they are of. */
export type Shared = Map<
  string,
  { readonly atMs: number; readonly untilMs: number; readonly result: Promise<RouteResult>; isDone: boolean }
>;

export interface Running {
  readonly connect: () => Promise<Backend>;
  readonly shared: Shared;
  readonly shareMs: ShareMs | undefined;
  readonly now: () => number;
}

/** A reading that is under way, or young enough, is every tab's; also one that failed. */
export async function runRoute(
  found: Extract<RouteMatch, { names: readonly string[] }>,
  request: IncomingMessage,
  { pathname, search, searchParams: query }: URL,
  { connect, shared, shareMs, now }: Running,
): Promise<RouteResult> {
  const { route, names } = found;
  const nowMs = now();
  const answer = (body: unknown) => settled(() => route.answer({ connect, nowMs, names, query, body } satisfies ApiRequest));
  let body: unknown;
  try {
    body = route.method === 'POST' ? await readJson(request) : undefined;
  } catch (thrown) {
    return failure(thrown);
  }
  if (route.method === 'POST' && route.reads === undefined) return answer(body);
  for (const [key, { untilMs, isDone }] of shared) if (isDone && untilMs <= nowMs) shared.delete(key);
  const key = `${pathname}${search} ${JSON.stringify(body)}`;
  const known = shared.get(key);
  if (known) return { ...(await known.result), headers: { age: String(Math.round((now() - known.atMs) / 1_000)) } };
  const reading = { atMs: nowMs, untilMs: nowMs + (shareMs?.[route.reads ?? 'reads'] ?? 0), result: answer(body), isDone: false };
  shared.set(key, reading);
  const result = await reading.result;
  reading.isDone = true;
  return result;
}

async function settled(work: () => Promise<unknown>): Promise<RouteResult> {
  try {
    return { status: 200, value: await work() };
  } catch (thrown) {
    return failure(thrown);
  }
}

function failure(thrown: unknown): RouteResult {
  const { code, message, exitCode } = toFailure(thrown);
  const status = thrown instanceof BodyTooLarge ? 413 : statusOf({ code, exitCode });
  return { status, value: { error: { code, message } } };
}

/** Maps a command's exit code to an HTTP status. */
function statusOf({ code, exitCode }: Pick<CommandFailure, 'code' | 'exitCode'>): number {
  if (code.startsWith('NoSuch')) return 404;
  if (exitCode === EXIT.badInput) return 400;
  if (exitCode === EXIT.deployRuns) return 409;
  return exitCode === EXIT.noCloud ? 503 : 500;
}

/** The page sends a few hundred bytes at most. */
export const MAX_BODY_BYTES = 16_384;

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * Parses the body of a request. A body that is too long is read to its end and dropped, so that the client gets the reply.
 * @throws BodyTooLarge, CommandFailure InvalidJson
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new BodyTooLarge(`the request is longer than ${MAX_BODY_BYTES} bytes; nothing was changed`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw badInput('InvalidJson', 'the request is not valid JSON; nothing was changed');
  }
}
