/** Decides which requests the console accepts. Pure. */
import { timingSafeEqual } from 'node:crypto';

export interface RequestHead {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The Sec-Fetch-Site header; only browsers send it. */
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
}

/** Why a request is refused. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const TOKEN_HEADER = 'x-holdfast-token';

/** Refuses other names, localhost too, which can be another program's [::1], so that no page of another site reaches the console by DNS rebinding. */
export function checkHost(host: string | undefined, port: number): Refusal | undefined {
  if (host === `127.0.0.1:${port}`) return undefined;
  return { status: 421, code: 'WrongHost', message: `the console is served only at 127.0.0.1:${port}` };
}

/** Accepts a read or a change only with the console's token, which another user of this machine does not have. */
export function checkToken(token: string | undefined, expected: string): Refusal | undefined {
  const [a, b] = [Buffer.from(token ?? ''), Buffer.from(expected)];
  if (a.length === b.length && timingSafeEqual(a, b)) return undefined;
  const message = 'the token is missing or wrong: open the link that was printed when the console started; nothing was read or changed';
  return { status: 403, code: 'WrongToken', message };
}

/** Accepts a change only from the console's own page: a page of another site cannot send this. */
export function checkChange({ host, origin, fetchSite, contentType }: RequestHead): Refusal | undefined {
  const refuse = (status: number, code: string, why: string): Refusal => ({ status, code, message: `${why}; nothing was changed` });
  if (origin !== `http://${host}` || (fetchSite !== undefined && fetchSite !== 'same-origin'))
    return refuse(403, 'WrongOrigin', "only the console's own page may make changes");
  if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    return refuse(415, 'NotJson', 'the content type is not application/json');
  return undefined;
}
