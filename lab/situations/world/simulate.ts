/** People, servers, a load balancer, a store and what is in front, second by second in virtual time. */
import { type HappeningOf, type Situation, USERS } from '../situation.ts';
import { type Answered, answer, begin, LOGIN, type Surroundings } from './application.ts';
import { endMemory, endSessions } from './end-sessions.ts';
import { Fleet } from './fleet.ts';
import { AGENTS, type App, BROWSER, type LoggedRequest, writeLine } from './log-lines.ts';
import { Metrics } from './metrics.ts';
import { hexOf, type Random, randomOf } from './random.ts';
import { Store } from './store.ts';
import { concernsServer, happeningsOf, isInForce, MINUTE_MS, NOW_MS, type ServerSettings, settingsOver, timeOf } from './timeline.ts';
import { arriving, isLeaving, nextRequest, type Person, take } from './user.ts';

export interface ServerLogs {
  readonly access: string[];
  readonly application: string[];
}

/** Sessions that are kept alive from outside: when some were gone, and when the last turn did not work. */
export interface Canary {
  readonly vanishedAtMs: number[];
  failedSinceMs: number | undefined;
}

/** What a minute's end shows of the store. */
export interface StoreMinute {
  readonly atMs: number;
  readonly nodes: readonly { readonly node: 1 | 2; readonly text: string }[];
}

export interface World {
  readonly situation: Situation;
  readonly seed: string;
  readonly store: Store;
  readonly metrics: Metrics;
  /** Numbers of the servers that are registered at the run. */
  readonly servers: readonly number[];
  readonly logs: ReadonlyMap<number, ServerLogs>;
  readonly settings: (server: number, atMs: number) => ServerSettings;
  readonly minutes: readonly StoreMinute[];
  readonly canary: Canary;
  readonly random: Random;
}

/** Before what a run reads: sessions and habits are there when it begins. */
const WARM_UP_MINUTES = 40;
const LOGGED_BEFORE_MINUTES = 4;
const SECOND_MS = 1_000;
/** Sessions of the canary, and how often it uses each. */
const KEPT = 20;
const TURN_MINUTES = 5;

/** @param seed draws other people for the same situation */
export function simulate(situation: Situation, seed: string): World {
  const { installation = {}, signMinutes = 8 } = situation;
  const { app = 'node', users = USERS, overHttp = false } = installation;
  const inMemory = installation.sessions === 'memory';
  const random = randomOf(`${situation.name} ${seed}`);
  const store = new Store(situation);
  const metrics = new Metrics();
  const settings = settingsOver(situation);
  const around: Surroundings = { app, inMemory, store, random };
  const fleet = new Fleet(situation);
  const logs = new Map<number, ServerLogs>();
  const beginMs = timeOf(-(signMinutes + 60 + WARM_UP_MINUTES));
  const logFromMs = beginMs + (WARM_UP_MINUTES - LOGGED_BEFORE_MINUTES) * MINUTE_MS;
  const logsOf = (server: number): ServerLogs => {
    const known = logs.get(server) ?? { access: [], application: [] };
    logs.set(server, known);
    return known;
  };
  for (const server of fleet.at(NOW_MS)) logsOf(server);

  const say = (server: number, atMs: number, text: string) => {
    if (atMs >= logFromMs) logsOf(server).application.push(`${new Date(atMs).toISOString()} ${text}`);
  };
  const log = (server: number, request: LoggedRequest) => {
    if (request.atMs >= logFromMs) logsOf(server).access.push(writeLine(app as App, request));
  };
  const answersOf = (by: HappeningOf<'answers'>['by'], { atMs, method, path, server }: Arriving) =>
    happeningsOf(situation, 'answers').find(
      (one) =>
        one.by === by &&
        isInForce(one, atMs) &&
        (server === undefined || concernsServer(one, server)) &&
        (one.method === undefined || one.method === method) &&
        (one.paths === undefined || one.paths.some((each) => path.startsWith(each))) &&
        random() < (one.share ?? 1),
    );
  const stripped = (outOf: 'requests' | 'answers', atMs: number, path: string) =>
    happeningsOf(situation, 'cookies').some(
      (one) =>
        one.outOf === outOf &&
        isInForce(one, atMs) &&
        (one.paths === undefined || one.paths.some((each) => path.startsWith(each))) &&
        random() < (one.share ?? 1),
    );

  /** One request through all of it. @returns what the browser gets */
  function send(...[person, atMs, method, path, from = {}]: Parameters<Send>): ReturnType<Send> {
    const { agent = BROWSER, referer, begins = false } = from;
    const front = answersOf('front', { atMs, method, path });
    if (front) return { status: front.status, isLogin: false };
    const balancer = answersOf('balancer', { atMs, method, path });
    if (balancer) {
      metrics.add(`HTTPCode_ELB_${String(balancer.status)[0]}XX_Count`, atMs);
      if (balancer.status === 561) metrics.add('ELBAuthError', atMs);
      if (balancer.status === 401) metrics.add('ELBAuthFailure', atMs);
      return { status: balancer.status, isLogin: false };
    }
    const server = fleet.choose(person, atMs, random);
    if (server === undefined) {
      metrics.add('HTTPCode_ELB_5XX_Count', atMs);
      return { status: 503, isLogin: false };
    }
    const isFromOtherSite = referer !== undefined && !referer.startsWith('https://shop.example');
    const jar = person.cookie;
    const isSent =
      jar !== undefined &&
      (jar.endsMs === null || atMs < jar.endsMs) &&
      !(overHttp && jar.secure) &&
      !(isFromOtherSite && (jar.sameSite === 'Strict' || (jar.sameSite === 'Lax' && method === 'POST'))) &&
      !stripped('requests', atMs, path);
    const own = settings(server, atMs);
    const cookie = isSent ? { name: jar.name, value: jar.value } : undefined;
    const failing = answersOf('servers', { atMs, method, path, server });
    const named = cookie?.name === own.cookie.name ? cookie.value : undefined;
    const answered: Answered = failing
      ? { status: failing.status, named, session: undefined, sets: false, ...(failing.says !== undefined && { says: failing.says }) }
      : begins
        ? { status: from.status ?? 200, named, session: begin(around, own, { atMs, server, method, path, cookie }).id, sets: true }
        : from.status !== undefined
          ? { status: from.status, named, session: undefined, sets: false }
          : answer(around, own, { atMs, server, method, path, cookie });
    for (let line = 0; answered.says !== undefined && line < (failing?.lines ?? 1); line += 1) say(server, atMs, answered.says);
    metrics.add('RequestCount', atMs);
    metrics.add(`HTTPCode_Target_${String(answered.status)[0]}XX_Count`, atMs);
    log(server, { atMs, method, path, status: answered.status, session: answered.named, answered: answered.session, agent, referer });
    if (answered.sets && answered.session !== undefined && !stripped('answers', atMs, path)) {
      const { name, maxAgeSeconds, secure, sameSite } = own.cookie;
      person.cookie = {
        name,
        value: answered.session,
        secure,
        sameSite,
        endsMs: maxAgeSeconds === null ? null : atMs + maxAgeSeconds * 1_000,
      };
    }
    const isSentAway = path !== LOGIN && answered.status === 302 && answered.session === undefined;
    return { status: answered.status, isLogin: answered.isLogin === true || isSentAway };
  }

  const canary: Canary = { vanishedAtMs: [], failedSinceMs: undefined };
  const kept = Array.from({ length: KEPT }, () => begunBefore(arriving(random, beginMs), beginMs));
  const people = Array.from({ length: users }, () => begunBefore(arriving(random, beginMs), beginMs));
  leaveBefore();
  function begunBefore(person: Person, atMs: number): Person {
    const server = fleet.choose(person, atMs, random) ?? 1;
    const own = settings(server, atMs);
    const session = begin(around, own, { atMs, server, method: 'POST', path: LOGIN, cookie: undefined });
    const { name, secure, sameSite, maxAgeSeconds } = own.cookie;
    const endsMs = maxAgeSeconds === null ? null : atMs + maxAgeSeconds * 1_000 * random();
    if (!overHttp || !secure) person.cookie = { name, value: session.id, secure, sameSite, endsMs };
    return person;
  }

  /** Sessions of those who had left: as many as a life is long, for a visit of some forty minutes each. */
  function leaveBefore(): void {
    for (let count = (users * settings(1, beginMs).sessionMinutes) / 40; count > 0 && count < 20_000; count -= 1) {
      const { id } = begin(around, settings(1, beginMs), {
        atMs: beginMs,
        server: 1 + (Math.floor(count) % fleet.at(beginMs).length),
        method: 'POST',
        path: LOGIN,
        cookie: undefined,
      });
      const session = store.sessions.get(id);
      if (session) session.lastMs -= random() * session.lifeMs;
    }
  }

  const minutes: StoreMinute[] = [];
  const ended = new Map<HappeningOf<'sessionsEnd'>, number>();
  for (let atMs = beginMs; atMs < NOW_MS; atMs += SECOND_MS) {
    const wanted = users * factorAt(situation, atMs);
    while (people.length < wanted) people.push(arriving(random, atMs));
    for (let index = 0; index < people.length; index += 1) {
      const person = people[index] as Person;
      if (person.nextMs > atMs) continue;
      if (isLeaving(person, atMs)) {
        if (people.length > wanted) people.splice(index, 1);
        else people[index] = arriving(random, atMs);
        continue;
      }
      const { method, path } = nextRequest(person, random);
      take(person, random, atMs, send(person, atMs, method, path, { referer: 'https://shop.example/' }));
    }
    visit(situation, atMs, { random, people, send });
    endSessions(atMs, { situation, store, random, ended });
    if (inMemory) endMemory(fleet, atMs, store);
    for (const server of fleet.at(atMs)) {
      if (random() < 0.1) say(server, atMs, 'INFO order service: 3 orders written');
      for (const one of happeningsOf(situation, 'lines'))
        if (isInForce(one, atMs) && concernsServer(one, server))
          for (let count = one.perMinute; count > 0; count -= 60) if (random() < count / 60) say(server, atMs, one.says);
    }
    if ((atMs - beginMs) % MINUTE_MS === 0) {
      store.expire(atMs);
      const turn = kept.filter((_, index) => index % TURN_MINUTES === Math.round(atMs / MINUTE_MS) % TURN_MINUTES);
      takeTurn(turn, atMs, send, canary);
      const refusing = fleet.at(atMs).filter((server) => store.troubleFor(server, atMs)?.is === 'refusingLogins').length;
      store.counters.refusedLogins += refusing * 12;
      // Only what a reader of that hour sees.
      if (atMs >= logFromMs) minutes.push(storeMinute(store, atMs));
    }
  }
  return { situation, seed, store, metrics, servers: fleet.at(NOW_MS), logs, settings, minutes, canary, random };
}

export const storeMinute = (store: Store, atMs: number): StoreMinute => ({
  atMs,
  nodes: ([1, 2] as const).filter((node) => node === 1 || store.hasReplica).map((node) => ({ node, text: store.info(node, atMs) })),
});

const factorAt = (situation: Situation, atMs: number): number =>
  happeningsOf(situation, 'users').reduce((factor, one) => (isInForce(one, atMs) ? factor * one.times : factor), 1);

/** A request on its way; `server`: once it is at one. */
interface Arriving {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly server?: number;
}

type Send = (
  person: Person,
  atMs: number,
  method: 'GET' | 'POST',
  path: string,
  from?: Partial<LoggedRequest> & { readonly begins?: boolean },
) => { readonly status: number; readonly isLogin: boolean };

/** The canary uses some of its sessions, and logs in again where one is gone. */
function takeTurn(turn: readonly Person[], atMs: number, send: Send, canary: Canary): void {
  let worked = 0;
  for (const person of turn) {
    const { status, isLogin } = send(person, atMs, 'GET', '/account');
    if (status < 400 && !isLogin) worked += 1;
    if (!isLogin && status !== 401) continue;
    const login = send(person, atMs + 1_000, 'POST', LOGIN);
    const again = send(person, atMs + 2_000, 'GET', '/account');
    // What does not work at all shows nothing about sessions.
    if (login.status >= 400 || again.status >= 400 || again.isLogin) continue;
    worked += 1;
    canary.vanishedAtMs.push(atMs);
  }
  canary.failedSinceMs = worked > 0 ? undefined : (canary.failedSinceMs ?? atMs);
}

interface Visiting {
  readonly random: Random;
  readonly people: readonly Person[];
  readonly send: Send;
}

/** Bots, probes and scripts; and users on their way back from another site. */
function visit(situation: Situation, atMs: number, { random, people, send }: Visiting): void {
  const times = (perMinute: number) => Math.floor(perMinute / 60) + (random() < (perMinute % 60) / 60 ? 1 : 0);
  for (const one of happeningsOf(situation, 'visitors')) {
    if (!isInForce(one, atMs)) continue;
    for (let count = times(one.perMinute); count > 0; count -= 1) {
      const stranger: Person = arriving(random, atMs);
      if (one.inventIds) stranger.cookie = { name: 'SID', value: hexOf(random, 16), endsMs: null, secure: false, sameSite: 'Lax' };
      const status = one.status === undefined ? {} : { status: one.status };
      send(stranger, atMs, 'GET', one.path, { agent: AGENTS[one.agent], ...status, ...(one.begins && { begins: true }) });
    }
  }
  for (const one of happeningsOf(situation, 'returns')) {
    if (!isInForce(one, atMs)) continue;
    for (let count = times(one.perMinute); count > 0; count -= 1) {
      const person = people[Math.floor(random() * people.length)];
      if (person?.cookie) send(person, atMs, one.method, one.path, { referer: 'https://pay.example/done' });
    }
  }
}
