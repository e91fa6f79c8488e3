/** Queries a Prometheus over its HTTP API. @see https://prometheus.io/docs/prometheus/latest/querying/api/ */

const TIMEOUT_MS = 5_000;

interface Reply {
  readonly status: 'success' | 'error';
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/** Prometheus refuses the query, and always will. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/**
 * Evaluates an expression now.
 *
 * @param url of the server, without a path
 * @returns the values of the samples; one that is not a number is NaN, as a ratio of nothing to nothing is
 * @throws QueryError with Prometheus' message
 */
export async function queryValues(url: string, expression: string): Promise<number[]> {
  const response = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const reply = (await response.json()) as Reply;
  if (reply.status !== 'success') throw new QueryError(`${expression}: ${reply.error ?? `HTTP status ${response.status}`}`);
  return (reply.data?.result ?? []).map(({ value }) => Number(value[1].replace('Inf', 'Infinity')));
}

/** True once the server has loaded its configuration and rules. */
export async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.arrayBuffer();
  return response.ok;
}
