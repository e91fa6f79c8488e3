/** Which requests the console answers at all. Pure. */
import { timingSafeEqual } from 'node:crypto';

export interface RequestHead {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** What a browser says of who asks; absent from other clients. */
  readonly fetchSite: string | undefined;
  readonly token: string | undefined;
  readonly contentType: string | undefined;
}

/** A request that is not carried out: why, and that nothing was changed. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const TOKEN_HEADER = 'x-holdfast-token';

/** A page elsewhere must not reach the console under a name of its own (DNS rebinding): the name in the request has to be ours. */
export function judgeHost(host: string | undefined, port: number): Refusal | undefined {
  if (host === `127.0.0.1:${port}` || host === `localhost:${port}`) return undefined;
  return { status: 421, code: 'WrongHost', message: `the console is at 127.0.0.1:${port} and localhost:${port}, and nowhere else` };
}

/**
 * A request that changes something comes from the console's own page, and from somebody who was given its token: the page of
 * another site can send neither, and another user of this machine has no token.
 */
export function judgeChange({ host, origin, fetchSite, token, contentType }: RequestHead, expectedToken: string): Refusal | undefined {
  const refuse = (status: number, code: string, why: string): Refusal => ({ status, code, message: `${why}; nothing was changed` });
  if (origin !== `http://${host}` || (fetchSite !== undefined && fetchSite !== 'same-origin'))
    return refuse(403, 'WrongOrigin', "only the console's own page may change anything");
  if (!sameToken(token, expectedToken))
    return refuse(
      403,
      'WrongToken',
      'the token is missing or another one: open the console by the link that "npm start" or "npx holdfast up" printed',
    );
  if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json') return refuse(415, 'NotJson', 'the request has to be JSON');
  return undefined;
}

function sameToken(given: string | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
