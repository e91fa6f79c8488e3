/** One random history: browsers of some users on two servers, at the same time. */
import { random } from '../../functions/sweep/random.ts';
import { Browser, type Request, settle } from './browser.ts';
import { HistoryModel, listOf } from './history-model.ts';
import { type Actor, Scheduler, type Spoil } from './scheduled-client.ts';
import { type Client, createSite, login, PREFIX, type Site } from './site.ts';

/** A store, past the application's own connection. */
export interface Admin {
  /** Every key, with its TTL in seconds. */
  keys(): Promise<Map<string, number>>;
  members(list: string): Promise<string[]>;
  delete(key: string): Promise<void>;
  flush(): Promise<void>;
}

const USERS = ['ann', 'bob'] as const;
const BROWSERS = 4;
const EXPECTED = /^(SessionEnded|NotLoggedIn)$/;

/** @returns what did not hold; nothing, if all did */
export async function runHistory(seed: number, clients: readonly Client[], admin: Admin, spoil?: Spoil): Promise<string[]> {
  const next = random(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  const max = pick([1, 1, 2, 3]);
  const model = new HistoryModel(max);
  const ownOf = new Map<Actor, string | undefined>();
  const scheduler = new Scheduler(next, (command) => model.see(command, ownOf.get(command.actor)));
  const servers = clients.map((client) => createSite(scheduler.client(client, spoil), { max }));
  const browsers = Array.from({ length: BROWSERS }, () => new Browser());
  await admin.flush();

  const send = (actor: Actor, browser: Browser, work: (site: Site, req: Request) => Promise<void>) => {
    const site = pick(servers);
    const running = scheduler.start(actor, () => browser.send(site.middleware, (req) => work(site, req)));
    running.catch((error) => {
      if (!EXPECTED.test((error as Error).name)) model.unexpected(actor, error);
    });
  };

  const steps: Record<string, (actor: Actor, browser: Browser) => void> = {
    login: (actor, browser) => {
      const user = pick(USERS);
      send(actor, browser, async (site, req) => {
        const previous = model.sessions.has(req.sessionID) ? req.sessionID : undefined;
        ownOf.set(actor, previous);
        req.session['basket'] = 1;
        await login(site, req, user);
        model.loginResolved(actor, listOf(user), previous);
      });
    },
    logout: (actor, browser) =>
      send(actor, browser, async (site, req) => {
        const id = req.sessionID;
        await site.users.logout(req);
        model.ended(actor, id);
      }),
    change: (actor, browser) =>
      send(actor, browser, async (_site, req) => {
        req.session['n'] = next();
        await scheduler.pause();
        if (next() < 0.3) await settle((done) => req.session.save(done));
        req.session['n'] = next();
        await scheduler.pause();
      }),
    read: (actor, browser) => send(actor, browser, async () => scheduler.pause()),
    endOthers: (actor, browser) =>
      send(actor, browser, async (site, req) => {
        ownOf.set(actor, req.sessionID);
        await site.users.endOthers(req);
        const list = model.sessions.get(req.sessionID)?.user;
        if (list !== undefined) model.allEnded(actor, list, req.sessionID);
      }),
    end: (actor, browser) =>
      send(actor, browser, async (site, req) => {
        ownOf.set(actor, req.sessionID);
        const [session] = (await site.users.list(req)).reverse();
        if (session) await site.users.end(req, session.handle);
      }),
    endAll: (actor, browser) => {
      const user = pick(USERS);
      send(actor, browser, async (site) => {
        await site.users.endAll(user);
        model.allEnded(actor, listOf(user));
      });
    },
  };
  const NAMES = ['login', 'login', 'login', 'login', 'change', 'change', 'logout', 'read', 'endOthers', 'end', 'endAll'] as const;

  const count = 4 + Math.floor(next() * 8);
  for (let number = 1; number <= count; number += 1) {
    const name = pick(NAMES);
    const diesAt = next() < 0.15 ? 1 + Math.floor(next() * 8) : undefined;
    steps[name]?.({ name: `${name} ${number}`, diesAt, sent: 0, isDead: false }, pick(browsers));
    // Some begin while others are on their way.
    for (let runs = Math.floor(next() * 6); runs > 0 && !scheduler.isIdle; runs -= 1) await scheduler.runOne();
    if (next() < 0.1) await timeOut();
    if (next() < 0.2) await scheduler.runAll();
  }
  await scheduler.runAll();

  async function timeOut(): Promise<void> {
    // Not between two commands of the login that begins it.
    const living = [...model.sessions.values()].filter(({ pushedAt, endedAt }) => pushedAt !== undefined && endedAt === undefined);
    if (living.length === 0) return;
    const { id } = pick(living);
    await admin.delete(PREFIX + id);
    model.timedOut(id);
  }

  // What a server that died has left, the next login cleans up.
  for (const user of USERS) {
    const actor = { name: `login at the end of ${user}`, diesAt: undefined, sent: 0, isDead: false };
    const last = new Browser();
    send(actor, last, async (site, req) => {
      await login(site, req, user);
      model.loginResolved(actor, listOf(user), undefined);
    });
    await scheduler.runAll();
    if (model.living(listOf(user)).every(({ id }) => id !== last.id)) model.unexpected(actor, 'its own session does not live');
  }
  const lists = await Promise.all(USERS.map(async (user) => [listOf(user), await admin.members(listOf(user))] as const));
  model.finish(await admin.keys(), new Map(lists));
  return model.violations.map((text) => `seed ${seed}, max ${max}, ${text}`);
}

/** @returns violations of all of them, at most ten */
export async function runHistories(seeds: Iterable<number>, clients: readonly Client[], admin: Admin, spoil?: Spoil): Promise<string[]> {
  const found: string[] = [];
  for (const seed of seeds) {
    found.push(...(await runHistory(seed, clients, admin, spoil)));
    if (found.length >= 10) break;
  }
  return found.slice(0, 10);
}

export const seedsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);
