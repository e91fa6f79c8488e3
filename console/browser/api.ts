/** Calls the console's server. */

/** An error that the server returned, or no response. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const TOKEN_KEY = 'holdfast-token';
/** A widget's function can take 20 s. */
const TIMEOUT_MS = 30_000;

/** Moves the token from the address to the tab's storage, so that it is neither copied nor kept in the history. */
export function takeToken(): void {
  const token = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (token === undefined) return;
  sessionStorage.setItem(TOKEN_KEY, token);
  history.replaceState(null, '', location.pathname);
}

/** False in a tab that was opened without the token: nothing can be read. */
export const hasToken = (): boolean => sessionStorage.getItem(TOKEN_KEY) !== null;

/** @throws ApiError */
export const get = <T>(path: string): Promise<T> => call<T>(path, { method: 'GET' });

/** @throws ApiError */
export const post = <T>(path: string, body: object): Promise<T> =>
  call<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** When answers were read, which tabs share. */
const READ_AT_MS = new WeakMap<object, number>();
export const readAtMs = (value: unknown): number => READ_AT_MS.get(value as object) ?? Date.now();

async function call<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  let value: T & { readonly error?: { readonly code: string; readonly message: string } };
  try {
    const headers = { ...init.headers, 'x-holdfast-token': sessionStorage.getItem(TOKEN_KEY) ?? '' };
    response = await fetch(`/api/${path}`, { ...init, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    value = (await response.json()) as typeof value;
  } catch (error) {
    throw new ApiError('NoAnswer', `the console does not respond (${(error as Error).message}): check that its command is still running`, {
      cause: error,
    });
  }
  if (response.ok) {
    READ_AT_MS.set(value as object, Date.now() - Number(response.headers.get('age') ?? 0) * 1_000);
    return value;
  }
  throw new ApiError(value.error?.code ?? String(response.status), value.error?.message ?? response.statusText);
}
