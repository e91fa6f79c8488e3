/** What users do at a site, each by one request, and what a test asks of it. */
import { Browser, type Request } from './browser.ts';
import { login, type Site } from './site.ts';

export const browsers = (count: number) => Array.from({ length: count }, () => new Browser());

/** @param current the site of the test that runs */
export function actionsOn(current: () => Site) {
  const ask = async <T>(browser: Browser, question: (req: Request) => Promise<T> | T): Promise<T> => {
    let answer: T | undefined;
    await browser.send(current().middleware, async (req) => {
      answer = await question(req);
    });
    return answer as T;
  };
  return {
    ask,
    logIn: (browser: Browser, user = 'ann', on = current()) => browser.send(on.middleware, (req) => login(on, req, user)),
    isLoggedIn: (browser: Browser) => ask(browser, (req) => req.session['user'] !== undefined),
    why: (browser: Browser) => ask(browser, (req) => current().users.whyEnded(req)),
  };
}
