/** Decides which requests the console accepts. Pure. */
import { timingSafeEqual } from 'node:crypto';
import { holdfast } from '../functions/shared/command-options.ts';

export interface RequestHead {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The Sec-Fetch-Site header; only browsers send it. */
  readonly fetchSite: string | undefined;
  readonly token: string | undefined;
  readonly contentType: string | undefined;
}

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const TOKEN_HEADER = 'x-holdfast-token';

/** Refuses other host names, so that no page of another site reaches the console by DNS rebinding. */
export function checkHost(host: string | undefined, port: number): Refusal | undefined {
  if (host === `127.0.0.1:${port}` || host === `localhost:${port}`) return undefined;
  return { status: 421, code: 'WrongHost', message: `the console is served only at 127.0.0.1:${port} and localhost:${port}` };
}

/**
 * Accepts a change only from the console's own page and with its token: a page of another site can send neither, and another
 * user of this machine has no token.
 */
export function checkChange({ host, origin, fetchSite, token, contentType }: RequestHead, expectedToken: string): Refusal | undefined {
  const refuse = (status: number, code: string, why: string): Refusal => ({ status, code, message: `${why}; nothing was changed` });
  if (origin !== `http://${host}` || (fetchSite !== undefined && fetchSite !== 'same-origin'))
    return refuse(403, 'WrongOrigin', "only the console's own page may make changes");
  if (!sameToken(token, expectedToken))
    return refuse(403, 'WrongToken', `the token is missing or wrong: open the link that "npm start" or "${holdfast('up')}" printed`);
  if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    return refuse(415, 'NotJson', 'the content type is not application/json');
  return undefined;
}

function sameToken(given: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
