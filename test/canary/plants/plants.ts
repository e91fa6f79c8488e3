/** Weaknesses by name of the finding that they are: each makes a front that has it, whatever site is behind. */
import { randomBytes } from 'node:crypto';
import type { FindingName } from '../../../functions/canary/contract/findings.ts';
import type { FrontAnswer, FrontRequest, Plant } from '../front.ts';
import { changeId, createAliases, idOfAnswer } from './aliases.ts';

export type MakePlant = (cookie: string, send: (request: FrontRequest) => Promise<FrontAnswer>) => Plant;

const isLogin = ({ method, path }: FrontRequest) => method === 'POST' && path === '/login';
const isLogout = ({ method, path }: FrontRequest) => method === 'POST' && path === '/logout';
const isSlow = ({ path }: FrontRequest) => path.includes('ms=');
const isPage = ({ path }: FrontRequest) => path.startsWith('/count');
const ended = (): FrontAnswer => ({ status: 204, headers: {}, setCookies: [], body: '' });
const drawn = () => randomBytes(24).toString('base64url');

/** Gives each visitor an id before the login, and keeps it for the session: `keep` says what a login does. */
const withEarlyIds =
  (aliasAtLogin: (early: string | undefined) => string, alsoOld: boolean): MakePlant =>
  (cookie) => {
    const aliases = createAliases(cookie);
    return {
      request: (request) => aliases.resolve(request) as undefined,
      answer(answer, asked) {
        const isNew = isLogin(asked);
        aliases.replace(answer, asked, () => (isNew ? aliasAtLogin(asked.id) : drawn()));
        const alias = idOfAnswer(answer, cookie);
        const id = alias === undefined ? undefined : aliases.known.get(alias);
        if (isNew && alsoOld && id !== undefined && asked.id !== undefined) aliases.known.set(asked.id, id);
        if (asked.id === undefined && answer.setCookies.length === 0)
          answer.setCookies.push(`${cookie}=${drawn()}; Path=/; HttpOnly; Secure; SameSite=Strict`);
      },
    };
  };

/** Aliases that `next` makes, in the place of every id. */
const withAliases =
  (next: () => string): MakePlant =>
  (cookie) => {
    const aliases = createAliases(cookie);
    return {
      request: (request) => aliases.resolve(request) as undefined,
      answer: (answer, asked) => aliases.replace(answer, asked, next),
    };
  };

const changingCookies =
  (change: (line: string) => string): MakePlant =>
  () => ({
    answer(answer) {
      answer.setCookies = answer.setCookies.map(change);
    },
  });

const changingPages =
  (change: (answer: FrontAnswer, asked: FrontRequest) => void): MakePlant =>
  () => ({
    answer(answer, asked) {
      if (isPage(asked)) change(answer, asked);
    },
  });

/** The site sees another user at each login, so that its limit never counts. */
const unlimited: MakePlant = () => {
  let logins = 0;
  return {
    request(request) {
      if (isLogin(request)) request.body = request.body.replace(/"user":"([^"]+)"/, (_, user) => `"user":"${user}.${++logins}"`);
      return undefined;
    },
    answer(answer) {
      answer.body = answer.body.replace(/"user":"([^".]+)\.\d+"/, '"user":"$1"');
    },
  };
};

/** A log-out reaches the server only when no slow request of the session runs: the save at its end brings the session back. */
const lateSave: MakePlant = () => {
  const running = new Map<string, number>();
  const hidden = new Set<string>();
  const count = (id: string, more: number) => running.set(id, (running.get(id) ?? 0) + more);
  return {
    request(request) {
      const { id } = request;
      if (id === undefined) return undefined;
      if (isSlow(request)) count(id, 1);
      else if (isLogout(request) && (running.get(id) ?? 0) > 0) {
        hidden.add(id);
        return ended();
      } else if (hidden.has(id)) request.id = undefined;
      return undefined;
    },
    answer(_answer, asked) {
      if (asked.id === undefined || !isSlow(asked)) return;
      count(asked.id, -1);
      hidden.delete(asked.id);
    },
  };
};

const SHORT_LETTERS = 'abcdefghijklmnop';

export const PLANTS: Readonly<Partial<Record<FindingName, MakePlant>>> = {
  'id-kept-at-login': withEarlyIds((early) => early ?? drawn(), false),
  'old-id-alive-after-login': withEarlyIds(drawn, true),
  'planted-id-adopted': (cookie) => {
    const aliases = createAliases(cookie);
    const given = new Set<string>();
    return {
      request: (request) => aliases.resolve(request) as undefined,
      answer(answer, asked) {
        const { id } = asked;
        if (isLogin(asked) && id !== undefined && !given.has(id)) aliases.replace(answer, asked, () => id);
        const alias = idOfAnswer(answer, cookie);
        if (alias !== undefined) given.add(alias);
      },
    };
  },
  'altered-id-accepted': (cookie) => {
    const ids = new Map<string, string>();
    const comparedPart = (alias: string) => alias.slice(0, 16);
    return {
      request(request) {
        if (request.id !== undefined) request.id = ids.get(comparedPart(request.id)) ?? request.id;
        return undefined;
      },
      answer: (answer, asked) =>
        changeId(answer, cookie, (id) => {
          const isSame = asked.id !== undefined && ids.get(comparedPart(asked.id)) === id;
          const alias = isSame ? (asked.id as string) : randomBytes(24).toString('hex');
          ids.set(comparedPart(alias), id);
          return alias;
        }),
    };
  },
  'alive-after-logout': (cookie) => ({
    request(request) {
      if (!isLogout(request)) return undefined;
      return { ...ended(), setCookies: [`${cookie}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure`] };
    },
  }),
  'revived-by-late-save': lateSave,
  'sessions-not-limited': unlimited,
  'cookie-not-secure': changingCookies((line) => line.replace(/; Secure/i, '')),
  'cookie-readable-by-scripts': changingCookies((line) => line.replace(/; HttpOnly/i, '')),
  'cookie-sent-cross-site': changingCookies((line) => line.replace(/; SameSite=\w+/i, '; SameSite=None')),
  'id-in-url': (cookie) => ({
    answer(answer, asked) {
      const id = idOfAnswer(answer, cookie);
      if (!isLogin(asked) || id === undefined) return;
      answer.body = `<a href="/count;jsessionid=${id}">count</a>`;
      answer.headers['content-type'] = 'text/html';
    },
  }),
  'id-in-body': changingPages((answer, { id }) => {
    answer.body = answer.body.replace(/\}\s*$/, `,"session":"${id}"}`);
  }),
  'page-cacheable': changingPages(({ headers }) => {
    headers['cache-control'] = 'private, max-age=60';
  }),
  // A cache that looks at the address alone.
  'page-of-another-user': () => {
    const kept = new Map<string, FrontAnswer>();
    return {
      request: ({ method, path }) => (method === 'GET' && isPage({ path } as FrontRequest) ? kept.get(path) : undefined),
      answer(answer, { method, path }) {
        if (method === 'GET' && path === '/count' && answer.status === 200) kept.set(path, structuredClone(answer));
      },
    };
  },
  'no-hsts': changingPages(({ headers }) => {
    delete headers['strict-transport-security'];
  }),
  'plain-http-served': () => ({ plainHttp: true }),
  'id-too-short': withAliases(() => Array.from(randomBytes(12), (byte) => SHORT_LETTERS[byte % 16]).join('')),
  'id-predictable': (cookie, send) => {
    let last = 1_000_000_000;
    return withAliases(() => `session-of-the-counter-${++last}`)(cookie, send);
  },
  'not-on-every-server': () => {
    let turn = 0;
    return {
      request(request) {
        // The load balancer's cookie leads to the server that has the session.
        if (!request.otherCookies.includes('AWSALB') && ++turn % 2 === 0) request.id = undefined;
        return undefined;
      },
      answer(answer) {
        answer.setCookies.push('AWSALB=1; Path=/; Secure');
      },
    };
  },
  'other-user-logged-out': (cookie) => {
    const ben = new Set<string>();
    let logins = 0;
    return {
      request(request) {
        if (isLogin(request)) logins += 1;
        if (logins > 6 && request.id !== undefined && ben.has(request.id)) request.id = undefined;
        return undefined;
      },
      answer(answer, asked) {
        const id = idOfAnswer(answer, cookie);
        // The sessions from before: Ben can log in anew.
        if (logins <= 6 && isLogin(asked) && asked.body.includes('canary-ben') && id !== undefined) ben.add(id);
      },
    };
  },
};

/** What a weakness brings with it, in a site that has no other. */
export const COMPANIONS: Readonly<Partial<Record<FindingName, readonly FindingName[]>>> = {
  // A prefix without Secure is a cookie that no browser keeps.
  'cookie-not-secure': ['cookie-without-prefix'],
  'id-predictable': ['id-too-short'],
  'id-kept-at-login': ['id-kept-at-re-login', 'planted-id-adopted'],
  'old-id-alive-after-login': ['old-id-alive-after-re-login', 'planted-id-adopted'],
};
