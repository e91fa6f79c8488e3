/** A release in memory, which keeps its sessions in a store that it shares with others. */
import { type Answer, type Asked, drawn, HARD, userOf } from '../canary/small-site.ts';

interface Session {
  readonly user: string;
  items: number;
  form: string;
}
export type Store = Map<string, Session>;

export interface Made {
  /** A session that it cannot read is an error on each page, as where a filter reads it first. */
  readonly failsEverywhere?: boolean;
  readonly version?: string;
  /** How it writes sessions, and what it can read. */
  readonly form?: string;
  readonly reads?: readonly string[];
  /** What it does with a session that it cannot read. @default the log-in */
  readonly unreadable?: number | 'deletes' | 'clears';
  /** How it writes a session that it changes. */
  readonly changedForm?: string;
  readonly cookie?: string;
  readonly attributes?: string;
  readonly rewrites?: boolean;
  readonly renews?: boolean;
  readonly forgetsItems?: boolean;
  readonly keepsAfterLogOut?: boolean;
  readonly status?: (asked: Asked, count: number) => number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

export function release(store: Store, made: Made) {
  const {
    version = '1.0.0',
    form = 'jdk',
    reads = [form],
    cookie = 'sid',
    attributes = HARD,
    rewrites = false,
    renews = false,
    status,
    headers = {},
  } = made;
  let count = 0;
  const set = (id: string) => [`${cookie}=${id}; ${attributes}`];
  return (asked: Asked): Answer => {
    count += 1;
    const failing = status?.(asked, count);
    if (failing !== undefined) return { status: failing, headers };
    const brought = store.get(asked.cookies[cookie] ?? '');
    if (made.failsEverywhere && brought !== undefined && !reads.includes(brought.form)) return { status: 500 };
    if (asked.what === 'GET /version') return { body: JSON.stringify({ version }) };
    if (asked.what === 'GET /login') return {};
    if (asked.what === 'POST /login') {
      const user = userOf(asked);
      if (user === undefined) return { status: 401 };
      const id = drawn();
      store.set(id, { user, items: 0, form });
      return { cookies: set(id) };
    }
    const id = asked.cookies[cookie] ?? '';
    const session = store.get(id);
    const isUnreadable = session !== undefined && !reads.includes(session.form);
    if (isUnreadable && made.unreadable === 'deletes') store.delete(id);
    else if (isUnreadable && typeof made.unreadable === 'number') return { status: made.unreadable };
    if (session === undefined || !reads.includes(session.form)) {
      const cleared = isUnreadable && made.unreadable === 'clears' ? { cookies: [`${cookie}=; Max-Age=0; ${attributes}`] } : {};
      return { status: 302, headers: { location: '/login' }, ...cleared };
    }
    if (asked.what === 'POST /logout') {
      if (!made.keepsAfterLogOut) store.delete(id);
      return {};
    }
    if (rewrites) session.form = form;
    if (asked.what === 'POST /cart') {
      session.items += 1;
      session.form = made.changedForm ?? session.form;
      return {};
    }
    if (asked.what === 'GET /cart') return { body: JSON.stringify({ items: made.forgetsItems ? 0 : session.items }) };
    if (!renews || id.startsWith('new')) return { body: `you are ${session.user}` };
    store.delete(id);
    const next = `new${drawn()}`;
    store.set(next, session);
    return { body: `you are ${session.user}`, cookies: set(next) };
  };
}

/** What a gate needs of a recipe. */
export const MORE = {
  release: { get: '/version', take: { json: 'version' } },
  cart: { change: [{ post: '/cart', form: { item: '1' } }], get: '/cart', take: { json: 'items' } },
};
