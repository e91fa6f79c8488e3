import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { idsSeen } from '../../../functions/canary/checks/exposure.ts';
import { judgeStrength } from '../../../functions/canary/checks/strength.ts';
import type { Outcome } from '../../../functions/canary/findings/result.ts';
import type { HttpAnswer } from '../../../functions/canary/http/send.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';
import { memoryRecipe, memorySite } from './memory-site.ts';

const briefly = (outcome: Outcome): string => {
  if (outcome.is === 'finding') return outcome.finding;
  return outcome.is === 'notChecked' ? 'not checked' : outcome.is;
};

describe('the strength of ids', () => {
  const many = Array.from({ length: 12 }, (_, at) => createHash('sha256').update(`${at}`).digest('hex').slice(0, 40));
  it.each([
    ['long ones without order', many, ['holds']],
    ['too few', many.slice(0, 9), ['not checked']],
    ['a counter with a constant part', many.map((_, at) => `session-of-the-shop-${1_000 + ((at * 5) % 12)}`), ['id-too-short']],
    ['a counter', many.map((_, at) => `${100 + at}`), ['id-too-short', 'id-predictable']],
    ['a counter that grows by a digit', many.map((_, at) => `${at + 5}-shop`), ['id-too-short', 'id-predictable']],
    ['a counter before what is drawn', many.map((id, at) => `${at + 95}-${id}`), ['holds']],
    [
      'MongoDB ObjectIds: a time, a constant and a counter',
      many.map((_, at) => `6747${(0x3a10 + at * 3).toString(16)}9f1c2b3a4d5e${(0x1a2b3c + at).toString(16)}`),
      ['id-too-short', 'id-predictable'],
    ],
    [
      'UUIDs of version 7, of which 74 bits are drawn',
      many.map((id, at) => `01936a2f-${(0x4c10 + at * 7).toString(16)}-7${id.slice(0, 3)}-8${id.slice(3, 6)}-${id.slice(6, 18)}`),
      ['id-too-short'],
    ],
    [
      'ULIDs, of which 80 bits are drawn',
      many.map((id, at) => `01JDP2Y${'0123456789ABCDEFGHJK'[at]}5Q${id.slice(0, 16).toUpperCase()}`),
      ['id-too-short'],
    ],
    [
      "Tornado's signed values, with the time in plain text",
      many.map((id, at) => `2|1:0|10:${1_732_700_000 + at}|4:user|16:Y2FuYXJ5LWFubmE=|${id}${id.slice(0, 24)}`),
      ['holds'],
    ],
    ['a time after what is drawn', many.map((id, at) => `${id}-${1_732_700_000 + at}`), ['holds']],
    ['short ones', many.map((id) => id.slice(0, 12)), ['id-too-short']],
    ['signed short ones', many.map((id, at) => `s%3A${id.slice(0, 12)}.${many[(at + 1) % 12]}${many[(at + 3) % 12]}`), ['id-too-short']],
    ['tokens', many.map((id) => `eyJhbGciOiJIUzI1NiJ9.${id}.${id}`), ['not checked']],
    [
      'UUIDs',
      many.map((id) => `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(12, 15)}-8${id.slice(15, 18)}-${id.slice(18, 30)}`),
      ['notice', 'holds'],
    ],
  ])('%s: %j', (_, values, expected) => {
    expect(judgeStrength(values).map(briefly)).toEqual(expected);
  });
});

describe('the ids of a run', () => {
  const answerOf = (line: string, headers = {}): HttpAnswer => ({
    ...{ status: 200, headers, body: '' },
    setCookies: [parseSetCookie(line)].flatMap((one) => one ?? []),
  });
  const seen = (...answers: readonly HttpAnswer[]) =>
    idsSeen(
      answers.map((answer) => ({ place: 'who', url: new URL('https://shop/'), answer })),
      ['SID'],
    );

  it.each([
    ['SID=deleted; Max-Age=0', {}],
    ['SID=deleted; Expires=Thu, 01 Jan 1970 00:00:01 GMT', {}],
    ['SID=deleted; Expires=Sat, 21 Nov 2026 10:00:00 GMT', { date: 'Sun, 22 Nov 2026 10:00:00 GMT' }],
    ['SID=', {}],
    ['OTHER=value', {}],
  ])('have none that an answer clears: %s', (line, headers) => {
    expect(seen(answerOf('SID=one'), answerOf(line, headers))).toEqual(['one']);
  });

  it('are ten at least, by more logins, where the site gives each login an id', async () => {
    const site = memorySite();
    // Without a limit and a slow request there are few logins.
    const recipe = memoryRecipe({});
    const opened = site.open(recipe);
    const outcomes = await runCanary({ recipe, base: opened.base, extras: [] }, opened);
    expect(outcomes).toContainEqual({ is: 'holds', check: 'id-strength', what: expect.stringContaining('10 ids') });
    expect(opened.pace.sent.logins).toBe(12);
    expect(site.sessions.size).toBe(0);
  });
});
