import type { HttpAnswer } from '../http/send.ts';

/** Whom a page shows. `unclear`: the server could not answer, or shows both users. */
export type Who = 'a' | 'b' | 'nobody' | 'unclear';
/** What the page has for each user alone. */
export interface Shows {
  readonly a: string;
  readonly b?: string;
}

export function readWho({ status, body }: Pick<HttpAnswer, 'status' | 'body'>, shows: Shows): Who {
  if (status >= 500) return 'unclear';
  if (status < 200 || status > 299) return 'nobody';
  const [a, b] = [body.includes(shows.a), shows.b !== undefined && body.includes(shows.b)];
  if (a && b) return 'unclear';
  return a ? 'a' : b ? 'b' : 'nobody';
}
