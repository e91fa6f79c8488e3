/**
 * The fixes for further frameworks. They are apart from the catalogue, which a function loads at each cold start: commands and the console
 * alone show fixes.
 */
import type { FindingName } from '../contract/findings.ts';
import { WEAKNESSES } from './weaknesses.ts';

const FRAMEWORKS = ['express', 'spring', 'tomcat', 'php', 'django', 'flask', 'rails', 'laravel'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export const FRAMEWORK_NAMES: Readonly<Record<Framework, string>> = {
  ...{ express: 'Express', spring: 'Spring', tomcat: 'Tomcat', php: 'PHP', django: 'Django' },
  ...{ flask: 'Flask', rails: 'Rails', laravel: 'Laravel' },
};

type More = Readonly<Record<Exclude<Framework, 'express' | 'spring' | 'tomcat'>, string>>;

const NEW_ID: More = {
  php: 'session_regenerate_id(true) in the login',
  django:
    'log in with django.contrib.auth.login(), which cycles the key; for a user who is logged in already call request.session.cycle_key()',
  flask: 'with Flask-Session: app.session_interface.regenerate(session) in the login',
  rails: 'reset_session in the login, before the user is stored (Devise does so)',
  laravel: '$request->session()->regenerate() in the login',
};
const FOREIGN: More = {
  php: 'session.use_strict_mode = 1 in php.ini; a session handler of your own needs validateId()',
  django: 'keep the session engines of Django, which look up the whole key and take none that they did not give',
  flask: 'a SECRET_KEY for every server, and Flask-Session 0.6 or newer, which takes no id that it did not give',
  rails: 'leave the session in the encrypted cookie or in a store of Rails, with one secret_key_base',
  laravel: 'leave EncryptCookies in the middleware of "web"',
};
const STRENGTH: More = {
  php: 'session.sid_length and session.sid_bits_per_character at their defaults or above',
  django: 'leave _get_new_session_key() as it is: 32 characters of 36',
  flask: 'Flask-Session: SESSION_ID_LENGTH of 32 or more',
  rails: 'leave SecureRandom.hex(16) of ActionDispatch',
  laravel: 'leave Str::random(40) of the session store',
};
const IN_COOKIES_ALONE: More = {
  php: 'session.use_only_cookies = 1 and session.use_trans_sid = 0; print no session_id() and no SID',
  django: 'print no request.session.session_key',
  flask: 'print no session.sid',
  rails: 'print no session.id',
  laravel: 'print no session()->getId()',
};
const SECURE: More = {
  php: 'session.cookie_secure = 1',
  django: 'SESSION_COOKIE_SECURE = True',
  flask: 'SESSION_COOKIE_SECURE = True',
  rails: 'config.force_ssl = true, or secure: true in config.session_store',
  laravel: 'SESSION_SECURE_COOKIE=true',
};
const LIMIT: More = {
  php: 'keep a list of sessions per user in the login, and destroy or refuse one too many',
  django: 'keep session_key per user at user_logged_in, and delete or refuse one too many',
  flask: 'keep a list of sid per user in the login, and delete or refuse one too many',
  rails:
    'a table of sessions per user, as the generator "authentication" makes it, with a limit; Devise: session_limitable of devise-security',
  laravel: 'SESSION_DRIVER=database has user_id: delete or refuse one too many, or Auth::logoutOtherDevices()',
};
const NO_STORE: More = {
  php: 'session.cache_limiter = nocache, which is the default, or header("Cache-Control: no-store")',
  django: '@never_cache, or a middleware, for every page of a user',
  flask: 'response.cache_control.no_store = True in after_request for every page of a user',
  rails: 'response.headers["Cache-Control"] = "no-store" in a before_action for every page of a user',
  laravel: 'the middleware cache.headers:no_store for every page of a user',
};
const TIME_OUT: More = {
  php: 'session.gc_maxlifetime as promised, session.cookie_lifetime = 0',
  django: 'SESSION_COOKIE_AGE as promised, with SESSION_SAVE_EVERY_REQUEST = True so that each request renews it',
  flask: 'session.permanent = True and PERMANENT_SESSION_LIFETIME as promised, with SESSION_REFRESH_EACH_REQUEST',
  rails: 'expire_after in config.session_store as promised',
  laravel: 'SESSION_LIFETIME as promised, in minutes',
};
const all = (text: string): More => ({ php: text, django: text, flask: text, rails: text, laravel: text });

const MORE: Readonly<Record<FindingName, More>> = {
  'id-kept-at-login': NEW_ID,
  'old-id-alive-after-login': NEW_ID,
  'id-kept-at-re-login': NEW_ID,
  'old-id-alive-after-re-login': NEW_ID,
  'planted-id-adopted': FOREIGN,
  'altered-id-accepted': FOREIGN,
  'id-too-short': STRENGTH,
  'id-predictable': STRENGTH,
  'id-in-url': IN_COOKIES_ALONE,
  'id-in-body': IN_COOKIES_ALONE,
  'cookie-not-secure': SECURE,
  'cookie-without-prefix': {
    php: 'session.name = __Host-SID, session.cookie_secure = 1, session.cookie_path = /, no session.cookie_domain',
    django: 'SESSION_COOKIE_NAME = "__Host-sessionid", with SESSION_COOKIE_SECURE and no SESSION_COOKIE_DOMAIN',
    flask: 'SESSION_COOKIE_NAME = "__Host-session", with SESSION_COOKIE_SECURE and no SESSION_COOKIE_DOMAIN',
    rails: 'key: "__Host-session", secure: true in config.session_store, and no domain',
    laravel: 'SESSION_COOKIE=__Host-session, SESSION_SECURE_COOKIE=true, SESSION_PATH=/, no SESSION_DOMAIN',
  },
  'cookie-readable-by-scripts': {
    php: 'session.cookie_httponly = 1',
    django: 'SESSION_COOKIE_HTTPONLY = True, which is the default',
    flask: 'SESSION_COOKIE_HTTPONLY = True, which is the default; Flask-Login: REMEMBER_COOKIE_HTTPONLY',
    rails: 'httponly: true in config.session_store, and in cookies[] of your own',
    laravel: 'SESSION_HTTP_ONLY=true, which is the default',
  },
  'cookie-sent-cross-site': {
    php: 'session.cookie_samesite = "Lax", or "Strict"',
    django: 'SESSION_COOKIE_SAMESITE = "Lax", or "Strict"',
    flask: 'SESSION_COOKIE_SAMESITE = "Lax", or "Strict"',
    rails: 'same_site: :lax in config.session_store, or :strict',
    laravel: 'SESSION_SAME_SITE=lax, or strict',
  },
  'cookie-for-other-hosts': {
    php: 'leave session.cookie_domain empty',
    django: 'leave SESSION_COOKIE_DOMAIN out',
    flask: 'leave SESSION_COOKIE_DOMAIN out',
    rails: 'leave domain out of config.session_store',
    laravel: 'leave SESSION_DOMAIN empty',
  },
  'cookie-dropped': {
    php: 'session.cookie_secure = 1 next to SameSite=None or a prefix; no domain that is not the site’s own',
    django:
      'SESSION_COOKIE_SECURE = True next to SameSite "None" or a prefix; a session in the store instead of signed_cookies where it is large',
    flask: 'SESSION_COOKIE_SECURE = True next to SameSite "None" or a prefix; Flask-Session where the session is large',
    rails: 'secure: true next to same_site: :none or a prefix; a session in a store where it is large',
    laravel: 'SESSION_SECURE_COOKIE=true next to SESSION_SAME_SITE=none or a prefix; SESSION_DRIVER=redis where the session is large',
  },
  'alive-after-logout': {
    php: '$_SESSION = []; session_destroy(); clearing the cookie ends nothing',
    django: 'django.contrib.auth.logout(), with a session engine other than signed_cookies, whose cookie works until it expires',
    flask: 'Flask-Session with session.clear(): the session of Flask itself is in the cookie, and a copy of it works until it expires',
    rails: 'reset_session, with a session store other than the cookie store, whose cookie works until it expires',
    laravel: '$request->session()->invalidate(), with a SESSION_DRIVER other than cookie',
  },
  'revived-by-late-save': {
    php: 'the file handler locks; a handler of your own has to write only what still exists',
    django:
      'SESSION_SAVE_EVERY_REQUEST = False, and the engines db or cached_db, which end with SessionInterrupted instead of creating it anew',
    flask: 'write a session of Flask-Session only while its key exists (SET with XX)',
    rails: 'write a session only while it exists: ActiveRecord sessions update the row, Redis stores need SET with XX',
    laravel: '->block() on the slow route and on the log-out',
  },
  'sessions-not-limited': LIMIT,
  'surplus-login-not-as-promised': LIMIT,
  'other-user-logged-out': all('take the user of a log-out or of a limit from the session alone, and compare whole names'),
  'logged-out-by-return': {
    php: 'call no session_start() at the path of the POST, and redirect to a GET; or session.cookie_samesite = None with cookie_secure',
    django: 'touch no request.session in the view of the POST, and redirect to a GET; or SESSION_COOKIE_SAMESITE = "None" with SECURE',
    flask: 'touch no session in the view of the POST, and redirect to a GET; or SESSION_COOKIE_SAMESITE = "None" with SECURE',
    rails: 'request.session_options[:skip] = true in the action of the POST, and redirect to a GET; or same_site: :none, secure: true',
    laravel: 'take the POST outside of the middleware group "web", and redirect to a GET; or SESSION_SAME_SITE=none with SECURE',
  },
  'page-cacheable': NO_STORE,
  'page-of-another-user': NO_STORE,
  'id-given-twice': NO_STORE,
  'no-hsts': {
    php: 'header("Strict-Transport-Security: max-age=31536000"), or let the web server or the load balancer add it',
    django: 'SECURE_HSTS_SECONDS = 31536000',
    flask: 'Flask-Talisman, or let the web server or the load balancer add it',
    rails: 'config.force_ssl = true; behind a load balancer with config.assume_ssl = true',
    laravel: 'a middleware of your own that sets it, or let the web server or the load balancer add it',
  },
  'plain-http-served': {
    php: 'redirect port 80 at the load balancer (a redirect action to HTTPS)',
    django: 'redirect port 80 at the load balancer, or SECURE_SSL_REDIRECT = True with SECURE_PROXY_SSL_HEADER',
    flask: 'redirect port 80 at the load balancer, or Flask-Talisman',
    rails: 'redirect port 80 at the load balancer, or config.force_ssl = true',
    laravel: 'redirect port 80 at the load balancer, with TrustProxies for it',
  },
  'not-on-every-server': {
    php: 'session.save_handler = redis with one store for all servers',
    django: 'one database or cache for SESSION_ENGINE, and one SECRET_KEY for all servers',
    flask: 'Flask-Session with one store, or one SECRET_KEY for all servers',
    rails: 'one store, or one secret_key_base for all servers',
    laravel: 'SESSION_DRIVER=redis with one store, and one APP_KEY for all servers',
  },
  'ends-while-active': TIME_OUT,
  'ends-too-early': TIME_OUT,
  'no-idle-end': TIME_OUT,
  'no-absolute-end': all('store when the session began, compare it in each request, and end the session'),
};

/** Names of cookies by which a framework is known. */
const COOKIES: readonly (readonly [RegExp, Framework])[] = [
  [/^PHPSESSID$|^wordpress_|^DokuWiki$|^phpMyAdmin/i, 'php'],
  [/^laravel/, 'laravel'],
  [/^sessionid$|^csrftoken$/, 'django'],
  [/^_\w+_session$/, 'rails'],
  [/^connect\.sid$/, 'express'],
  [/^SESSION$/, 'spring'],
  [/^JSESSIONID$/, 'tomcat'],
];

/** @param lines of a report: findings name cookies @returns the frameworks that set such cookies; all of them where none is known */
export function frameworksOf(lines: readonly { readonly what: string }[]): readonly Framework[] {
  const cookies = lines.flatMap(({ what }) => [...what.matchAll(/\bcookie ([^\s:,]+)/g)].map(([, name = '']) => name));
  const known = COOKIES.filter(([name]) => cookies.some((cookie) => name.test(cookie.replace(/^__(?:Host|Secure)-/, ''))));
  return known.length > 0 ? known.map(([, framework]) => framework) : FRAMEWORKS;
}

/** What to do, by framework. @param known those that matter */
export const fixesOf = (finding: FindingName, known: readonly Framework[]): Readonly<Partial<Record<Framework, string>>> =>
  Object.fromEntries(
    Object.entries({ ...WEAKNESSES[finding].fix, ...MORE[finding] }).filter(([framework]) => known.includes(framework as Framework)),
  );
