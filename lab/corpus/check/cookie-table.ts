/** The table of a framework's recorded cookies, as docs/tomcat-sessions.md and docs/express.md have it. */
import type { CookieAnswer, CookieRecording } from '../cookies/recorded-cookies.ts';

const endOf = ({ date, has }: CookieAnswer, name: string): number | null | undefined => {
  const seconds = has.find((cookie) => cookie.name === name)?.lifetimeSeconds;
  return seconds == null ? seconds : Date.parse(date) / 1_000 + seconds;
};

/** What becomes of a cookie's age with the answers after the login. */
function ageOf(answers: readonly CookieAnswer[], login: number, name: string): string {
  const [begins, after] = [endOf(answers[login] as CookieAnswer, name), endOf(answers[login + 2] as CookieAnswer, name)];
  if (begins === null) return 'ends with the browser';
  if (begins === undefined || after == null) return '';
  return after - begins >= 2 ? 'each answer renews it' : 'no answer renews it: users are logged out in mid-work';
}

/**
 * @param settings of each variant that the table has, as the page's readers write them
 * @returns the lines of the table: settings, the cookie of the session without its value, whether the login gives another id, and its age
 */
export function cookieTable({ cookie, variants }: CookieRecording, settings: ReadonlyMap<string, string>): string {
  const rows = [...settings].map(([name, text]) => {
    const answers = variants.find(({ variant }) => variant === name)?.answers ?? [];
    const ofSession = (headers: readonly string[]) =>
      headers.findLast((header) => header.startsWith(`${cookie}=`) || /^__Host-SID=/.test(header));
    const login = answers.findIndex(({ request }) => request === 'POST /login');
    const [before, header] = [ofSession(answers[0]?.setCookie ?? []), ofSession(answers[login]?.setCookie ?? [])];
    if (header === undefined) return `| ${text} | none: no session is kept | | |`;
    const set = header.replace(/^([^=]*)=[^;]*/, '$1').replace(/Expires=[^;]*/i, 'Expires=…');
    const [id] = header.split(';');
    const isNew = before === undefined ? 'begins there' : before.startsWith(`${id};`) ? 'no' : 'yes';
    return `| ${text} | \`${set}\` | ${isNew} | ${ageOf(answers, login, (id as string).split('=')[0] as string)} |`;
  });
  return ['| settings | `Set-Cookie` at the login | new id there | age |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Of each page the recording, and the settings that its table has. */
export const COOKIE_PAGES: Readonly<Record<string, readonly [recording: string, settings: ReadonlyMap<string, string>]>> = {
  'docs/tomcat-sessions.md': [
    'tomcat',
    new Map([
      ['default', 'none of its own'],
      ['hardened', '`<cookie-config>`: name `__Host-SID`, `http-only`, `secure`, path `/`, attribute `SameSite` `Strict`'],
      ['aged', '`<cookie-config>`: `<max-age>1800</max-age>`, attribute `SameSite` `Lax`'],
      ['embedded', '`<cookie-config>`: `secure`, attributes `SameSite` `None` and `Partitioned` `true`'],
      ['processor', '`<CookieProcessor sameSiteCookies="lax"/>` and `useHttpOnly="false"`'],
      ['untrusted', 'none of its own, and no `RemoteIpValve`'],
    ]),
  ],
  'docs/express.md': [
    'express-session',
    new Map([
      ['default', 'none of its own'],
      ['hardened', "`name: '__Host-SID'`, `httpOnly`, `secure`, `sameSite: 'strict'`"],
      ['aged', "`maxAge` of half an hour, `secure`, `sameSite: 'lax'`"],
      ['rolling', 'the same with `rolling: true`'],
      ['embedded', "`secure`, `sameSite: 'none'`, `partitioned: true`"],
      ['untrusted', '`secure`, without `trust proxy`'],
    ]),
  ],
};
