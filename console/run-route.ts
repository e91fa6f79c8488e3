/** Runs a request that has been authorized; its errors have the codes of the commands. */
import type { IncomingMessage } from 'node:http';
import { CommandFailure, EXIT, toFailure } from '../cli/failure.ts';
import type { Backend } from './backend.ts';
import type { ApiRequest, RouteMatch } from './routes.ts';

export { findRoute } from './routes.ts';

export interface RouteResult {
  readonly status: number;
  readonly value: unknown;
}

export async function runRoute(
  { route, names }: Extract<RouteMatch, { names: readonly string[] }>,
  request: IncomingMessage,
  query: URLSearchParams,
  backend: () => Promise<Backend>,
  nowMs: number,
): Promise<RouteResult> {
  try {
    const body = route.method === 'POST' ? await readJson(request) : undefined;
    const value = await route.answer({ connect: backend, nowMs, names, query, body } satisfies ApiRequest);
    return { status: 200, value };
  } catch (thrown) {
    const failure = toFailure(thrown);
    return {
      status: thrown instanceof BodyTooLarge ? 413 : statusOf(failure),
      value: { error: { code: failure.code, message: failure.message } },
    };
  }
}

/** Maps a command's exit code to an HTTP status. */
function statusOf({ code, exitCode }: CommandFailure): number {
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
    throw new CommandFailure('InvalidJson', 'the request is not valid JSON; nothing was changed', EXIT.badInput);
  }
}
