/** Asks the console's server. */

/** An answer that says what was wrong, or none at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const TOKEN_KEY = 'holdfast-token';
/** A widget's function gets 20 s. */
const TIMEOUT_MS = 30_000;

/** Takes the token out of the link that the user came by, so that it stands in no address that is copied or kept. */
export function takeToken(): void {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token === undefined) return;
  sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(null, '', location.pathname);
}

/** False in a tab that was opened without the link: it may look, and change nothing. */
export const mayChange = (): boolean => sessionStorage.getItem(TOKEN_KEY) !== null;

/** @throws ApiError */
export const get = <T>(path: string): Promise<T> => ask<T>(path, { method: 'GET' });

/** @throws ApiError */
export const post = <T>(path: string, body: object): Promise<T> =>
  ask<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-holdfast-token': sessionStorage.getItem(TOKEN_KEY) ?? '' },
    body: JSON.stringify(body),
  });

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  let value: T & { readonly error?: { readonly code: string; readonly message: string } };
  try {
    response = await fetch(`/api/${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    value = (await response.json()) as typeof value;
  } catch (error) {
    throw new ApiError('NoAnswer', `the console does not answer (${(error as Error).message}): look whether the local cloud is still up`, {
      cause: error,
    });
  }
  if (response.ok) return value;
  throw new ApiError(value.error?.code ?? String(response.status), value.error?.message ?? response.statusText);
}
