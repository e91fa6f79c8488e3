/** Which happenings are in force at a time, and what settings servers have then. Pure. */
import type { Application, Happening, HappeningOf, Situation } from '../situation.ts';
import { SERVERS } from '../situation.ts';

/** The run begins here; minutes of situations count from it. */
export const NOW_MS = Date.parse('2026-11-24T10:50:20Z');
export const MINUTE_MS = 60_000;
export const timeOf = (minutes: number): number => NOW_MS + Math.round(minutes * MINUTE_MS);

/** Every request asks for them. */
const KNOWN = new WeakMap<Situation, Map<Happening['what'], readonly Happening[]>>();

export function happeningsOf<What extends Happening['what']>(situation: Situation, what: What): readonly HappeningOf<What>[] {
  const byWhat = KNOWN.get(situation) ?? Map.groupBy(situation.happens, (one) => one.what);
  KNOWN.set(situation, byWhat);
  return (byWhat.get(what) ?? NONE) as readonly HappeningOf<What>[];
}

const NONE: readonly never[] = [];

interface Lasting {
  readonly at: number;
  readonly until?: number | undefined;
  readonly servers?: readonly number[] | undefined;
}

export const isInForce = ({ at, until }: Lasting, atMs: number): boolean =>
  atMs >= timeOf(at) && (until === undefined || until === 0 || atMs < timeOf(until));

export const concernsServer = ({ servers }: Lasting, server: number): boolean => servers === undefined || servers.includes(server);

/** How much of what comes evenly has come. */
export function shareDone({ at, until }: Lasting, atMs: number): number {
  const [from, to] = [timeOf(at), timeOf(until ?? at)];
  if (atMs < from) return 0;
  return to <= from ? 1 : Math.min(1, (atMs - from) / (to - from));
}

export interface ServerSettings {
  readonly version: string;
  readonly cookie: {
    readonly name: string;
    readonly sameSite: 'Strict' | 'Lax' | 'None';
    readonly maxAgeSeconds: number | null;
    readonly secure: boolean;
    readonly httpOnly: boolean;
    readonly slides: boolean;
  };
  readonly secret: string;
  readonly sessionMinutes: number;
  readonly absoluteMinutes: number | undefined;
  readonly loginStatus: number;
  readonly storeErrorStatus: number;
  readonly unreadable: 'error' | 'redirect' | undefined;
}

export const FIRST_VERSION = '1.4.0';

/** When a deploy reaches each server: evenly, one by one. */
export function rolledAtMs({ at, until = at }: HappeningOf<'release'>, server: number, servers: number): number {
  const [from, to] = [timeOf(at), timeOf(until)];
  return from + ((to - from) * (server - 0.5)) / Math.max(servers, server);
}

/** A server's settings as they change: each is computed once, since every request asks for them. */
export function settingsOver(situation: Situation): (server: number, atMs: number) => ServerSettings {
  const { installation = {} } = situation;
  const servers = installation.servers ?? SERVERS;
  const isTomcat = installation.app === 'tomcat';
  const first: ServerSettings = {
    version: FIRST_VERSION,
    cookie: {
      ...{ name: isTomcat ? 'JSESSIONID' : 'SID', sameSite: 'Lax', maxAgeSeconds: null, secure: true, httpOnly: true, slides: true },
      ...defined(installation.cookie),
    },
    secret: installation.secret ?? 'first',
    sessionMinutes: installation.sessionMinutes ?? 30,
    absoluteMinutes: installation.absoluteMinutes,
    loginStatus: installation.loginStatus ?? 302,
    storeErrorStatus: installation.storeErrorStatus ?? 302,
    unreadable: installation.unreadable,
  };
  const changesOf = (server: number) =>
    [
      ...happeningsOf(situation, 'release').map((one) => ({ ...one, atMs: rolledAtMs(one, server, servers), untilMs: undefined })),
      ...happeningsOf(situation, 'settings')
        .filter((one) => concernsServer(one, server))
        .map((one) => ({ ...one, version: undefined, atMs: timeOf(one.at), untilMs: one.until ? timeOf(one.until) : undefined })),
    ].sort((a, b) => a.atMs - b.atMs);
  const known = new Map<number, ReturnType<typeof changesOf>>();
  const kept = new Map<string, ServerSettings>();
  return (server, atMs) => {
    const changes = known.get(server) ?? changesOf(server);
    known.set(server, changes);
    const inForce = changes.filter((one) => atMs >= one.atMs && (one.untilMs === undefined || atMs < one.untilMs));
    const key = `${server} ${inForce.map((one) => changes.indexOf(one)).join()}`;
    const before = kept.get(key);
    if (before) return before;
    const settings = inForce.reduce((so, change) => withChange(so, change), first);
    kept.set(key, settings);
    return settings;
  };
}

function withChange(settings: ServerSettings, change: Application & { readonly version?: string | undefined }): ServerSettings {
  const { cookie, secret, sessionMinutes, absoluteMinutes, loginStatus, storeErrorStatus, unreadable, version } = change;
  const scalars = defined({ secret, sessionMinutes, absoluteMinutes, loginStatus, storeErrorStatus, unreadable, version });
  return { ...settings, ...scalars, cookie: { ...settings.cookie, ...defined(cookie) } };
}

/** Without what is undefined. */
const defined = <T extends object>(values: T | undefined) =>
  Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
