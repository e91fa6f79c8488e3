/** Runs a request that has been authorized; its errors have the codes of the commands. */
import type { IncomingMessage } from 'node:http';
import { type CommandFailure, EXIT, toFailure } from '../cli/failure.ts';
import type { Backend } from './backend.ts';
import { BodyTooLarge, readJson } from './read-json.ts';
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
    const value = await route.answer({ backend: await backend(), nowMs, names, query, body } satisfies ApiRequest);
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
