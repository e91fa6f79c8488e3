/** Log-ins that do not get people in: few of all requests. Two servers, forty minutes of as many log-ins as ever, and then what is wrong. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { AccessLogFacts, SessionTrace } from '../../../../functions/incidents/contract/server-facts.ts';
import { hurtingChannels, troubleOf } from '../../../../functions/incidents/trouble/trouble.ts';
import { access, evidence, FROM_MS, NOW_MS, server, traces } from '../healthy-evidence.ts';

const MINUTE_MS = 60_000;
const MINUTES = Math.floor((NOW_MS - FROM_MS) / MINUTE_MS);
const BEGAN = MINUTES - 25;

interface Wrong {
  /** Of a server, each minute since it began. */
  readonly refused?: number;
  readonly redirects?: number;
  /** Instead of one in two minutes. */
  readonly logins?: number;
  /** Of ten sessions that are begun, so many are never named. */
  readonly vain?: number;
  readonly machines?: number;
  /** Errors of the sign-in, one in so many minutes, as ever. */
  readonly oldErrorEvery?: number;
}

function planted(wrong: Wrong) {
  const servers = ['i-1', 'i-2'].map((id) => server(id, { access: access(id, logOf(id, wrong)) }));
  return evidence({ servers: { servers } });
}

function logOf(
  id: string,
  { refused = 0, redirects = 0, logins = 0.5, vain = 0, machines = 0, oldErrorEvery }: Wrong,
): Partial<AccessLogFacts> {
  const minutes = Array.from({ length: MINUTES }, (_, at) => ({ at, minuteMs: FROM_MS + at * MINUTE_MS, isWrong: at >= BEGAN }));
  const begun: Record<string, SessionTrace> = {};
  let due = 0;
  for (const { at, minuteMs, isWrong } of minutes) {
    for (due += isWrong ? logins : 0.5; due >= 1; due -= 1) {
      const number = Object.keys(begun).length;
      const requests = isWrong && number % 10 < vain ? 0 : 9;
      const lastMs = requests === 0 ? minuteMs : Math.min(NOW_MS - 1_000, minuteMs + 20 * MINUTE_MS);
      begun[`${id}-new-${at}-${number}`] = { routes: [], firstMs: minuteMs, lastMs, requests, begins: true };
    }
  }
  const errors = minutes.flatMap(({ at, minuteMs, isWrong }) => [
    ...(isWrong && refused > 0 ? [{ minuteMs, path: '/login', status: 401, count: refused }] : []),
    ...(oldErrorEvery !== undefined && at % oldErrorEvery === 0 ? [{ minuteMs, path: '/login', status: 500, count: 1 }] : []),
  ]);
  const [clientErrors, serverErrors] = [4, 5].map((one) =>
    errors.reduce((sum, { status, count }) => sum + (Math.floor(status / 100) === one ? count : 0), 0),
  ) as [number, number];
  const page = { redirects: 0, lost: 0, statuses: {} };
  return {
    byMinute: minutes.map(({ minuteMs, isWrong }) => ({
      ...{
        minuteMs,
        requests: 80 + (isWrong ? refused : 0),
        redirects: 1 + (isWrong ? redirects : 0),
        serverErrors: 0,
      },
      clientErrors: isWrong ? refused : 0,
    })),
    byPath: [
      { ...page, path: '/login', requests: 2 * MINUTES + clientErrors + serverErrors, clientErrors, serverErrors },
      { ...page, path: '/account', requests: 77 * MINUTES, clientErrors: 0, serverErrors: 0 },
    ],
    errorsByMinutePath: errors,
    statuses: { 200: 70 * MINUTES, 302: MINUTES, 401: clientErrors, 500: serverErrors },
    sessions: { ...traces(id, 40), ...begun },
    created: { byAgent: { browser: 40, ...(machines > 0 && { bot: machines }) } },
  };
}

const toldOf = (wrong: Wrong) => {
  const { kind, untilMs, channels } = troubleOf(planted(wrong));
  const hurt = hurtingChannels(troubleOf(planted(wrong))).map(({ name, channel }) => `${name}${channel.isPerhaps ? ', perhaps' : ''}`);
  return { kind, isOver: untilMs !== undefined, hurt, usualRefusals: 'usual' in channels.refusals ? channels.refusals.usual : null };
};

describe('refusals at the sign-in, which are next to nothing of all requests', () => {
  it.each<[string, Wrong, string, readonly string[]]>([
    ['are nothing where there are none', {}, 'none', []],
    ['hurt people who are sent to the login again', { refused: 1, redirects: 1 }, 'acute', ['refusals']],
    ['hurt people where fewer get in than before', { refused: 1, logins: 0.2 }, 'acute', ['refusals']],
    ['can be one guesser where as many get in as ever', { refused: 1 }, 'acute', ['refusals, perhaps']],
    ['are a guesser where they are many times the log-ins, which go on', { refused: 30 }, 'none', []],
  ])('%s', (_, wrong, kind, hurt) => {
    expect(toldOf(wrong)).toMatchObject({ kind, hurt });
  });

  it('are a part of all requests, and so is what is usual', () => {
    expect(toldOf({ refused: 1, redirects: 1 }).usualRefusals).toBeLessThan(0.005);
  });
});

describe('errors of the sign-in that are as old as the logs', () => {
  it('can hurt people: nobody denies it', () => {
    expect(toldOf({ oldErrorEvery: 6 })).toMatchObject({ kind: 'chronic', hurt: ['errors, perhaps'] });
    expect(classify(planted({ oldErrorEvery: 6 }), 'logged-out').verdict).toBe('unknown');
  });

  it('are too few to count, some in an hour', () => {
    expect(toldOf({ oldErrorEvery: 30 })).toMatchObject({ kind: 'none', hurt: [] });
  });
});

describe('sessions that are begun and never named', () => {
  it.each<[string, Wrong, string, readonly string[]]>([
    ['are of people who are sent to the login again', { vain: 5, logins: 1, redirects: 1 }, 'acute', ['vain']],
    ['can be of a robot, where nobody is sent there', { vain: 5, logins: 1 }, 'acute', ['vain, perhaps']],
    ['are of machines, where these begin as many', { vain: 5, logins: 1, redirects: 1, machines: 60 }, 'none', []],
  ])('%s', (_, wrong, kind, hurt) => {
    expect(toldOf(wrong)).toMatchObject({ kind, isOver: false, hurt });
  });

  it('are half of them: what drops the cookie of nearly every request is not named for that', () => {
    const { verdict } = classify(planted({ vain: 5, logins: 1, redirects: 1 }), 'logged-out');
    expect(verdict).toBe('unknown');
  });
});
