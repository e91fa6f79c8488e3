/** What users do in WARs that others wrote: each logs in where there is a log-in, and leaves state on the server with each visit. */

export interface Page {
  readonly status: number;
  readonly body: string;
  /** Where a redirect leads to. */
  readonly location?: string;
}

/** A user's browser, which follows redirects. `form` is sent as a POST. */
export type Browse = (path: string, form?: Readonly<Record<string, string>>) => Promise<Page>;

/** What one visit showed. */
export interface Shown {
  /** Whether the user is logged in; undefined where the application has no log-in. */
  readonly login?: boolean;
  /** What the server counts for this user; undefined where it has no count. */
  readonly count?: number;
}

/** What users do in one application. */
export interface Habits {
  /** Begins the session. */
  begin(browse: Browse, user: number): Promise<Shown>;
  /** One more visit, which adds one to the count. */
  visit(browse: Browse, user: number): Promise<Shown>;
}

const numberIn = (body: string, pattern: RegExp): number | undefined => {
  const found = pattern.exec(body)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** A bean with the scope of a session in a JSP, which each guess changes in place. A number that is out of range is never the right one. */
export const numberGuess: Habits = {
  async begin(browse) {
    await browse('/jsp/num/numguess.jsp');
    return { count: 0 };
  },
  visit: async (browse) => ({ count: numberIn((await browse('/jsp/num/numguess.jsp?guess=0')).body, /You have made (\d+) guesses/) ?? -1 }),
};

/** Apache Shiro's log-in, which is an attribute of the session. */
export const shiroLogin: Habits = {
  async begin(browse) {
    await browse('/login.jsp');
    const { body } = await browse('/login.jsp', { username: 'lonestarr', password: 'vespa', submit: 'Login' });
    return { login: /lonestarr/i.test(body) };
  },
  async visit(browse) {
    const { status, body } = await browse('/account/index.jsp');
    return { login: status === 200 && body.includes('You are currently logged in.') };
  },
};

/** Where a link of a Wicket page leads to that calls this component; Wicket's links are relative, and have the session's id without a cookie. */
function wicketLink(body: string, page: string, component: string): string | undefined {
  const link = new RegExp(`(?:href|action)="([^"]*-${component})"`).exec(body)?.[1]?.replaceAll('&amp;', '&');
  if (link === undefined) return undefined;
  const { pathname, search } = new URL(link, `http://wicket${page}`);
  return `${pathname.replace(/;jsessionid=[^/]*/i, '')}${search}`;
}

const CLICKS = '/linkomatic/home';
const SIGN_IN = '/authentication1/wicket/bookmarkable/org.apache.wicket.examples.authentication1.SignIn';

/** Wicket's examples: a log-in, and a page that counts its clicks in a field, which Wicket keeps with the page in the session. */
function wicketClicksOf(hasLogin: boolean): Habits {
  const links = new WeakMap<Browse, string>();
  const show = (browse: Browse, { body }: Page): number => {
    const link = wicketLink(body, CLICKS, 'actionLink');
    if (link !== undefined) links.set(browse, link);
    return numberIn(body, /Action link clicked <span>(\d+)<\/span>/) ?? -1;
  };
  return {
    async begin(browse) {
      const form = hasLogin ? wicketLink((await browse(SIGN_IN)).body, SIGN_IN, 'signInForm') : undefined;
      if (form !== undefined) await browse(form, { username: 'wicket', password: 'wicket', submit: 'Sign In' });
      return { count: show(browse, await browse(CLICKS)) };
    },
    async visit(browse) {
      const count = show(browse, await browse(links.get(browse) ?? CLICKS));
      return hasLogin ? { count, login: (await browse('/authentication1/')).body.includes('Sign Out') } : { count };
    },
  };
}

export const wicketClicks = wicketClicksOf(true);
/** The log-in of Wicket 6's examples has other addresses. */
export const wicketClicksAlone = wicketClicksOf(false);
