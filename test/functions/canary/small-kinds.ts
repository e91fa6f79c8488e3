/** Kinds of sessions for the smallest sites: on the server, in the cookie itself, and next to one that remembers. */
import { createHmac, randomBytes } from 'node:crypto';
import { type Answer, type Asked, drawn, HARD, type Handler, userOf } from './small-site.ts';

export const hex = (bytes: number) => randomBytes(bytes).toString('hex');
export const base64 = (text: string) => Buffer.from(text).toString('base64');
export const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
export const sign = (text: string) => createHmac('sha1', 'key').update(text).digest('base64url');
const nobody = ({ what }: Asked): Answer => ({ status: what === 'GET /login' ? 200 : 401 });
const gone = (name: string) => `${name}=; Path=/; Secure; Max-Age=0`;

export interface Session {
  readonly user: string;
  readonly bornMs: number;
}
/** How a site finds a session in a request, and what it sets. */
interface Kind {
  /** Cookies of a login. */
  give(id: string, session: Session): readonly string[];
  find(asked: Asked): string | undefined;
  newId?(): string;
  /** A visitor has a session, too. */
  readonly hasVisitors?: boolean;
  /** A login keeps the id. */
  readonly isKept?: boolean;
  /** An id that nobody has is taken. */
  readonly adopts?: boolean;
  /** Cookies of each further answer. */
  again?(id: string, session: Session): readonly string[];
  /** What a log-out sets. */
  readonly clears?: readonly string[];
}

/** Sessions on the server, which end with the log-out. */
export const stored = ({ give, find, newId = drawn, hasVisitors, isKept, adopts, again = () => [], clears = [] }: Kind): Handler => {
  const sessions = new Map<string, Session>();
  return (asked) => {
    const given = find(asked);
    const isKnown = given !== undefined && (sessions.has(given) || adopts === true);
    if (asked.what === 'POST /login') {
      const user = userOf(asked);
      if (user === undefined) return { status: 401 };
      const id = isKept && isKnown ? given : newId();
      if (!isKept) sessions.delete(given ?? '');
      const session = { user, bornMs: asked.nowMs };
      sessions.set(id, session);
      return { cookies: give(id, session) };
    }
    if (asked.what === 'POST /logout') {
      sessions.delete(given ?? '');
      return { cookies: clears };
    }
    const session = sessions.get(given ?? '');
    if (session !== undefined && session.user !== '' && asked.what !== 'GET /login')
      return { body: `you are ${session.user}`, cookies: again(given ?? '', session) };
    if (!hasVisitors || isKnown) return nobody(asked);
    const [id, visitor] = [newId(), { user: '', bornMs: asked.nowMs }];
    sessions.set(id, visitor);
    return { ...nobody(asked), cookies: give(id, visitor) };
  };
};

/** Sessions in the cookie alone: a log-out clears it. */
export const stateless = (
  make: (session: Session) => readonly string[],
  read: (asked: Asked) => string | undefined,
  { isRolling = false, names = ['session'] }: { readonly isRolling?: boolean; readonly names?: readonly string[] } = {},
): Handler => {
  return (asked) => {
    const user = asked.what === 'POST /login' ? userOf(asked) : read(asked);
    const cookies = user === undefined ? [] : make({ user, bornMs: asked.nowMs });
    if (asked.what === 'POST /login') return user === undefined ? { status: 401 } : { cookies };
    if (asked.what === 'POST /logout') return { cookies: names.map(gone) };
    return user === undefined || asked.what === 'GET /login'
      ? nobody(asked)
      : { body: `you are ${user}`, cookies: isRolling ? cookies : [] };
  };
};

/** What only the server can read: a value for each text, new each time. */
export const sealing = () => {
  const sealed = new Map<string, string>();
  return {
    seal: (text: string, form = (bytes: Buffer) => bytes.toString('base64url'), bytes = 48) => {
      const value = form(randomBytes(bytes));
      sealed.set(value, text);
      return value;
    },
    open: (value = '') => sealed.get(value),
  };
};

export const chunks = (value: string, size: number) => value.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
export const from =
  (name: string) =>
  ({ cookies }: Asked) =>
    cookies[name];
export const ofCookie = (name: string): Pick<Kind, 'give' | 'find'> => ({ give: (id) => [`${name}=${id}; ${HARD}`], find: from(name) });

/** With a cookie that remembers the user next to a session: it alone is enough. */
export const remembering = (
  inner: Handler,
  name: string,
  make: (session: Session) => string,
  read: (value: string) => string | undefined,
): Handler => {
  return (asked) => {
    const answer = inner(asked);
    const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
    if (user !== undefined) return { cookies: [...(answer.cookies ?? []), `${name}=${make({ user, bornMs: asked.nowMs })}; ${HARD}`] };
    if (asked.what === 'POST /logout') return { cookies: [...(answer.cookies ?? []), gone(name)] };
    const known = read(asked.cookies[name] ?? '');
    return asked.what === 'GET /account' && answer.status === 401 && known !== undefined ? { body: `you are ${known}` } : answer;
  };
};

/** Drawn letters and digits: 32 of them are PHP's, 36 Django's. */
export const letters = (length: number, of = 32) => Array.from(randomBytes(length), (byte) => (byte % of).toString(36)).join('');
