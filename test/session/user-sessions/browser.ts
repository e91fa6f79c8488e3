/** Browsers and servers without a network: express-session as it is, between them, with real requests and answers of Node. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type session from 'express-session';

export type Middleware = ReturnType<typeof session>;
export type Session = Record<string, unknown> & {
  save(done: (error?: unknown) => void): void;
  destroy(done: (error?: unknown) => void): void;
  regenerate(done: (error?: unknown) => void): void;
  reload(done: (error?: unknown) => void): void;
  touch(): void;
};
export type Request = IncomingMessage & { session: Session; sessionID: string; res: ServerResponse };

/** What the server does with the request, before it ends the answer. */
export type Handler = (req: Request) => unknown;

export interface Reply {
  readonly setCookie: string | undefined;
  /** The error that express-session passed on after the answer had ended. */
  readonly lateError: unknown;
}

export class Browser {
  cookie: string;

  constructor(cookie = '') {
    this.cookie = cookie;
  }

  /** The id that the cookie names, or an empty text. */
  get id(): string {
    return /=s:([^.]+)\./.exec(decodeURIComponent(this.cookie))?.[1] ?? '';
  }

  /** Sends a request, and stores the cookie of the answer. Rejects with the error of the session or of the handler. */
  async send(middleware: Middleware, handler: Handler = () => undefined): Promise<Reply> {
    const reply = await exchange(middleware, this.cookie, handler);
    if (reply.setCookie !== undefined) this.cookie = reply.setCookie.split(';')[0] as string;
    return reply;
  }
}

async function exchange(middleware: Middleware, cookie: string, handler: Handler): Promise<Reply> {
  const req = new IncomingMessage(new Socket()) as Request;
  req.url = '/';
  req.method = 'GET';
  if (cookie) req.headers.cookie = cookie;
  const res = new ServerResponse(req);
  req.res = res;
  const { end } = res;
  let lateError: unknown;
  const ended = new Promise<void>((resolve) => {
    res.end = ((...words: []) => {
      resolve();
      return end.apply(res, words as never);
    }) as typeof res.end;
  });
  await new Promise<void>((resolve, reject) => {
    let isLate = false;
    middleware(req, res, (error) => {
      if (isLate) lateError = error;
      else if (error) reject(error);
      else resolve();
      isLate = true;
    });
  });
  try {
    await handler(req);
  } finally {
    res.end('done');
    await ended;
    // express-session passes an error on by setImmediate.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const header = res.getHeader('set-cookie') as string[] | undefined;
  return { setCookie: header?.at(-1), lateError };
}

/** A method of express-session's session as a promise. */
export const settle = (work: (done: (error?: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
