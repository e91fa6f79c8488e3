/** How a person uses each application, as read in its pages. */
import type { UnseenName } from '../apps.ts';
import { decodeText, inputOf } from './browser.ts';
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

const mediawiki: Use = {
  who: '/index.php?title=Main_Page',
  shows: ['Canary-anna', 'Canary-ben'],
  async logIn(browser, wpName, wpPassword) {
    const page = await browser.open('/index.php?title=Special:UserLogin');
    const hidden = { wpLoginToken: inputOf(page, 'wpLoginToken'), authAction: 'login' };
    await browser.open('/index.php?title=Special:UserLogin', { ...hidden, wpName, wpPassword });
  },
  async logOut(browser) {
    const page = await browser.open('/index.php?title=Special:UserLogout');
    await browser.open('/index.php?title=Special:UserLogout', { wpEditToken: inputOf(page, 'wpEditToken'), title: 'Special:UserLogout' });
  },
};

const phpmyadmin: Use = {
  who: '/index.php?route=/',
  // The page of the login has the name too.
  shows: ['canary-anna@', 'canary-ben@'],
  async logIn(browser, pma_username, pma_password) {
    const page = await browser.open('/index.php');
    const hidden = { set_session: inputOf(page, 'set_session'), token: inputOf(page, 'token'), server: '1', route: '/' };
    await browser.open('/index.php?route=/', { ...hidden, pma_username, pma_password });
  },
  async logOut(browser) {
    const page = await browser.open('/index.php?route=/');
    const token = /token:"(\w+)"/.exec(page.body)?.[1] ?? inputOf(page, 'token');
    await browser.open('/index.php?route=/logout', { token });
  },
};

const flaskAppbuilder: Use = {
  who: '/users/userinfo/',
  async logIn(browser, username, password) {
    await browser.open('/login/');
    await browser.open('/login/', { username, password });
  },
  logOut: (browser) => browser.open('/logout/'),
};

const wagtail: Use = {
  who: '/admin/account/',
  async logIn(browser, username, password) {
    const page = await browser.open('/admin/login/');
    await browser.open('/admin/login/', { csrfmiddlewaretoken: inputOf(page, 'csrfmiddlewaretoken'), username, password, next: '/admin/' });
  },
  async logOut(browser) {
    const page = await browser.open('/admin/account/');
    await browser.open('/admin/logout/', { csrfmiddlewaretoken: inputOf(page, 'csrfmiddlewaretoken') });
  },
};

const redmine: Use = {
  who: '/my/account',
  async logIn(browser, username, password) {
    const page = await browser.open('/login');
    await browser.open('/login', { authenticity_token: inputOf(page, 'authenticity_token'), username, password });
  },
  async logOut(browser) {
    const page = await browser.open('/my/account');
    await browser.open('/logout', { authenticity_token: inputOf(page, 'authenticity_token') });
  },
};

const jupyterhub: Use = {
  who: '/hub/home',
  async logIn(browser, username, password) {
    const page = await browser.open('/hub/login');
    await browser.open('/hub/login?next=', { _xsrf: inputOf(page, '_xsrf'), username, password });
  },
  logOut: (browser) => browser.open('/hub/logout'),
};

const parseDashboard: Use = {
  who: '/parse-dashboard-config.json',
  async logIn(browser, username, password) {
    const { body } = await browser.open('/login');
    const _csrf = /<script id="csrf" type="application\/json">"([^"]+)"/.exec(body)?.[1] ?? '';
    await browser.open('/login', { username, password, _csrf });
  },
  logOut: (browser) => browser.open('/logout'),
};

const jspwiki: Use = {
  who: '/Wiki.jsp?page=Main',
  // A cookie alone has the page greet by name, with "(not logged in)".
  shows: ['canary-anna (authenticated)', 'canary-ben (authenticated)'],
  async logIn(browser, j_username, j_password) {
    await browser.open('/Login.jsp?redirect=Main');
    await browser.open('/Login.jsp?redirect=Main', { j_username, j_password, submitlogin: 'Login', redirect: 'Main' });
  },
  logOut: (browser) => browser.open('/Logout.jsp'),
};

const wordpress: Use = {
  who: '/wp-admin/profile.php',
  pages: ['/'],
  async logIn(browser, log, pwd) {
    await browser.open('/wp-login.php');
    await browser.open('/wp-login.php', { log, pwd, 'wp-submit': 'Log In', testcookie: '1', redirect_to: '/wp-admin/profile.php' });
  },
  async logOut(browser) {
    const { body } = await browser.open('/wp-admin/profile.php');
    const link = /href=["']([^"']*action=logout[^"']*)["']/.exec(body)?.[1] ?? '/wp-login.php?action=logout';
    await browser.open(decodeText(link));
  },
};

export const USES: Readonly<Record<UnseenName, Use>> = {
  dokuwiki,
  mediawiki,
  phpmyadmin,
  'flask-appbuilder': flaskAppbuilder,
  wagtail,
  redmine,
  jupyterhub,
  'parse-dashboard': parseDashboard,
  jspwiki,
  wordpress,
};
