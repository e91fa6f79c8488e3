/** How a person uses each application, as read in its pages. */
import type { UnseenName } from '../apps.ts';
import { inputOf } from './browser.ts';
import type { Use } from './establish.ts';

const dokuwiki: Use = {
  who: '/doku.php?id=start',
  async logIn(browser, u, p) {
    const page = await browser.open('/doku.php?id=start&do=login');
    await browser.open('/doku.php?id=start', { sectok: inputOf(page, 'sectok'), id: 'start', do: 'login', u, p });
  },
  async logOut(browser) {
    const { body } = await browser.open('/doku.php?id=start');
    const token = /do=logout&amp;sectok=(\w+)/.exec(body)?.[1];
    await browser.open(`/doku.php?id=start&do=logout&sectok=${token}`);
  },
};

export const USES: Readonly<Record<UnseenName, Use>> = { dokuwiki };
