import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CookiesCheck, checkCookies } from '../check/check-cookies.ts';
import { COOKIE_PAGES, cookieTable } from '../check/cookie-table.ts';
import { BROWSER_RULES } from '../cookies/browser-rules.ts';
import { COOKIE_FRAMEWORKS, STEPS } from '../cookies/frameworks.ts';
import { PUBLIC_REPORTS } from '../cookies/public-reports.ts';
import { type CookieRecording, cookiesFileOf, MAX_COOKIES_BYTES, REPORTS, RULES, readCookies } from '../cookies/recorded-cookies.ts';

const recordings = readCookies();
const frameworks = [...recordings].filter(([name]) => name !== REPORTS && name !== RULES);

describe('the recorded cookies', () => {
  it('are of each framework of the table, of its version, with each of its variants', () => {
    expect(frameworks.map(([name]) => name).toSorted()).toEqual([...COOKIE_FRAMEWORKS.keys()].toSorted());
    for (const [name, { framework, version, packages, cookie, variants }] of frameworks) {
      const { steps = STEPS, ...known } = COOKIE_FRAMEWORKS.get(name) ?? {};
      expect(known, name).toMatchObject({ framework, version, packages, cookie, variants: variants.map(({ variant }) => variant) });
      for (const { answers } of variants) expect(answers.map(({ request }) => request)).toEqual(steps);
    }
  });

  it('are of each public report, as it was written', () => {
    const recorded = recordings
      .get(REPORTS)
      ?.variants.map(({ variant, answers }) => ({ name: variant, answers: answers.map(({ setCookie }) => setCookie) }));
    expect(recorded).toEqual(PUBLIC_REPORTS.map(({ name, answers }) => ({ name, answers: answers.map(({ setCookie }) => setCookie) })));
  });

  it('are of each rule of browsers, as it was written', () => {
    const recorded = recordings.get(RULES)?.variants.map(({ variant, answers }) => ({
      name: variant,
      answers: answers.map(({ request, status, setCookie }) => ({ request, ...(status !== 200 && { status }), setCookie })),
    }));
    expect(recorded).toEqual(BROWSER_RULES);
  });

  it('keep within the size of their folder', () => {
    expect([...recordings.keys()].reduce((sum, name) => sum + statSync(cookiesFileOf(name)).size, 0)).toBeLessThanOrEqual(
      MAX_COOKIES_BYTES,
    );
  });

  it('have a cookie of the session of each framework', () => {
    for (const [name, { cookie, variants }] of recordings) {
      const set = variants.flatMap(({ answers }) => answers.flatMap(({ setCookie }) => setCookie));
      expect(
        set.some((header) => header.startsWith(`${cookie}=`)),
        `${name}: ${cookie}`,
      ).toBe(true);
    }
  });

  let check: CookiesCheck;
  beforeAll(async () => {
    check = await checkCookies(recordings);
  });

  it('are read as Chromium keeps them: on a page, in a log, and by a canary', () => {
    expect(check.wrong).toEqual([]);
    expect(check.cases).toBeGreaterThan(300);
  });
});

/** Pages have their tables' columns aligned. */
const unaligned = (text: string): string => text.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');

it.each(Object.entries(COOKIE_PAGES))('%s has the table of the recorded cookies', (page, [name, settings]) => {
  const recording = recordings.get(name) as CookieRecording;
  const text = readFileSync(path.join(import.meta.dirname, '../../..', page), 'utf8');
  expect(unaligned(text)).toContain(unaligned(cookieTable(recording, settings)));
});

describe('what is read otherwise', () => {
  const answer = (request: string, setCookie: readonly string[]) => ({
    request,
    status: 200,
    date: 'Fri, 27 Nov 2026 09:30:00 GMT',
    setCookie,
  });
  const kept = { name: 'SID', value: 'abc', path: '/', secure: false, httpOnly: false, sameSite: null, lifetimeSeconds: 1_800 };
  const recording = (setCookie: string, has: readonly (typeof kept)[], later = has): ReadonlyMap<string, CookieRecording> => {
    const [, any] = [...recordings][0] as [string, CookieRecording];
    const answers = [
      { ...answer('GET /', [setCookie]), has },
      {
        ...answer('GET /', []),
        date: 'Fri, 27 Nov 2026 09:30:03 GMT',
        has: later.map((one) => ({ ...one, lifetimeSeconds: one.lifetimeSeconds - 3 })),
      },
      { ...answer('GET /', []), has: later },
    ];
    return new Map([['a framework', { ...any, variants: [{ variant: 'default', answers: answers.slice(0, has.length > 0 ? 3 : 1) }] }]]);
  };
  const HEADER = 'SID=abc; Path=/; Max-Age=1800';

  it('is nothing where Chromium has the same', async () => {
    const answers = recording(HEADER, [kept], [kept]);
    expect((await checkCookies(answers)).wrong.filter((line) => !line.includes('jar'))).toEqual([]);
  });

  it.each([
    ['an attribute', HEADER, [{ ...kept, httpOnly: true }], ['session.page: httpOnly true', 'HttpOnly false', 'jar: SID']],
    [
      'a lifetime',
      HEADER,
      [{ ...kept, lifetimeSeconds: 3_600 }],
      ['session.page: lifetime 3600, not 1800', 'lifetime 1800, not 3600', 'jar: SID'],
    ],
    [
      'a cookie that is removed',
      'SID=abc; Path=/; Max-Age=0',
      [kept],
      ['session.page: not set', 'in a log, joined by a comma: removed', 'jar: SID'],
    ],
    ['a cookie that Chromium does not keep', HEADER, [], ['session.page: set', 'in a log, joined by a list: another value', 'jar: SID']],
  ])('is found: %s', async (_, header, has, expected) => {
    const { wrong } = await checkCookies(recording(header, has));
    for (const text of expected) expect(wrong.join('\n')).toContain(text);
  });
});
