/** How the application on a server answers a request: with its session, without one, or with an error and what it then logs. */
import { clientError } from './client-errors.ts';
import { hexOf, type Random } from './random.ts';
import { fails, type Session, type Store } from './store.ts';
import type { ServerSettings } from './timeline.ts';

export interface Asked {
  readonly atMs: number;
  readonly server: number;
  readonly method: string;
  readonly path: string;
  /** The cookie that came, by its name. */
  readonly cookie: { readonly name: string; readonly value: string } | undefined;
}

export interface Answered {
  readonly status: number;
  /** Of the session cookie that came, where the log names it. */
  readonly named: string | undefined;
  /** The session that the request ended with. */
  readonly session: string | undefined;
  /** A cookie that the answer sets. */
  readonly sets: boolean;
  /** It leads to the login, or is its page. */
  readonly isLogin?: boolean;
  readonly says?: string;
}

export interface Surroundings {
  readonly app: 'node' | 'tomcat' | 'nginx';
  readonly inMemory: boolean;
  readonly store: Store;
  readonly random: Random;
}

export const LOGIN = '/login';

export function answer(around: Surroundings, settings: ServerSettings, asked: Asked): Answered {
  const { app, store, random, inMemory } = around;
  const { atMs, server, method, path, cookie } = asked;
  const named = cookie !== undefined && cookie.name === settings.cookie.name ? cookie.value : undefined;
  const trouble = inMemory ? undefined : store.troubleFor(server, atMs);
  const isHit = trouble !== undefined && random() < (trouble.share ?? 1);
  const failure = isHit ? { says: trouble.says ?? clientError(app, trouble.is) } : undefined;
  const withoutStore = (status: number): Answered => ({ status, named, session: undefined, sets: false, ...failure });
  if (method === 'POST' && path === LOGIN) {
    if (isHit && fails(trouble.is, 'write')) {
      if (trouble.is === 'full') store.counters.oom += 1;
      if (trouble.is === 'readOnly') store.counters.readOnly += 1;
      return withoutStore(settings.storeErrorStatus === 302 ? 302 : settings.storeErrorStatus);
    }
    return { status: 302, named, session: begin(around, settings, asked).id, sets: true };
  }
  if (path === LOGIN) return { status: 200, named, session: undefined, sets: false };
  if (named === undefined) return turnedAway(around, settings, asked, named);
  if (isHit && fails(trouble.is, 'read')) return withoutStore(settings.storeErrorStatus);
  const found = store.find(named, atMs);
  if (found === undefined || found.secret !== settings.secret || (inMemory && found.server !== server))
    return turnedAway(around, settings, asked, named);
  if (!found.isUser) return { status: settings.loginStatus, named, session: named, sets: false, isLogin: true };
  if (found.version !== settings.version && settings.unreadable !== undefined) {
    const says = clientError(app, 'unreadable');
    if (settings.unreadable === 'error') return { status: 500, named, session: undefined, sets: false, says };
    return { ...turnedAway(around, settings, asked, named), says };
  }
  if (isHit) return { status: 200, named, session: named, sets: false, ...(random() < 0.3 && failure) };
  found.lastMs = atMs;
  return { status: 200, named, session: named, sets: settings.cookie.slides };
}

/** A redirect to the login, its page, or a refusal. Tomcat begins a session for it, which knows nobody. */
function turnedAway(around: Surroundings, settings: ServerSettings, asked: Asked, named: string | undefined): Answered {
  const common = { status: settings.loginStatus, named, isLogin: true };
  if (around.app !== 'tomcat') return { ...common, session: undefined, sets: false };
  return { ...common, session: begin(around, settings, asked, false).id, sets: true };
}

export function begin(
  { app, store, random, inMemory }: Surroundings,
  settings: ServerSettings,
  { atMs, server }: Asked,
  isUser = true,
): Session {
  const bare = app === 'tomcat' ? hexOf(random, 32).toUpperCase() : hexOf(random, app === 'node' ? 16 : 32);
  const session: Session = {
    id: inMemory ? `${bare}.${routeOf(server)}` : bare,
    ...{ bornMs: atMs, lastMs: atMs, version: settings.version, secret: settings.secret, cookieName: settings.cookie.name },
    lifeMs: settings.sessionMinutes * 60_000,
    diesMs: settings.absoluteMinutes === undefined ? Number.POSITIVE_INFINITY : atMs + settings.absoluteMinutes * 60_000,
    server: inMemory ? server : undefined,
    isUser,
  };
  store.sessions.set(session.id, session);
  return session;
}

export const instanceIdOf = (server: number): string => `i-0${String(server).padStart(16, 'a')}`;
/** What a server adds to the ids of sessions in its memory. */
export const routeOf = (server: number): string => instanceIdOf(server);
