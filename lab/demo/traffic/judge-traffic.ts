/** Whether traffic fails, and why: in words, from two reports. Pure. */
import { sumOf } from '../../../functions/shared/arithmetic.ts';
import { counted } from '../../../functions/shared/texts.ts';
import type { Example, FailureClass, LossReason, TrafficReport } from './contract.ts';

/** Users log in within 2 s, and each counts a second later. A server that is only slow fails nothing. */
const DRIVEN_AFTER_MS = 8_000;
/** Above this share of the requests, an application is none that the traffic can drive. */
const HOPELESS_SHARE = 0.5;
/** A single connection that broke is in the figures; this is what users notice. */
const TROUBLE_SHARE = 0.05;

/** What came in the place of right answers, in words. */
const WORDS: Readonly<Record<FailureClass | LossReason, (came: string) => string>> = {
  serverError: (status) => status,
  unexpectedStatus: (status) => status,
  connection: (code) => code,
  timeout: () => 'no answer in time',
  malformed: (status) => `an unexpected answer with ${status}`,
  countJumped: () => 'a count that is too high',
  signedOut: (status) => `logged out with ${status}`,
  noUser: () => 'an empty session',
  wrongUser: () => "another user's session",
  countWentBack: () => 'a count that went back',
};

interface Kind {
  readonly words: string;
  readonly count: number;
  readonly latest: Example;
}

/** Everything that came in the place of right answers, the most frequent first. */
const kindsOf = ({ failures, losses }: TrafficReport): readonly Kind[] =>
  Object.entries({ ...failures, ...losses })
    .flatMap(([name, { came }]) =>
      Object.entries(came).map(([what, one]) => ({ ...one, words: WORDS[name as FailureClass | LossReason](what) })),
    )
    .toSorted((a, b) => b.count - a.count);
const badOf = (report: TrafficReport): number => sumOf(kindsOf(report), ({ count }) => count);

/** All that came, from the first request on: `577 requests, 199 failed (199 × 503), 0 of 10 sessions lost`. */
export function figuresOf(report: TrafficReport | undefined): string {
  if (report === undefined) return 'no figures, as it ended before the first report';
  const kinds = kindsOf(report).map(({ words, count }) => `${count} × ${words}`);
  const failed = `${badOf(report)} failed${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`;
  return `${counted(report.requests, 'request')}, ${failed}, ${report.sessionsLost} of ${report.users} sessions lost`;
}

/** Whether any request failed, or any user lost a session. */
export const isClean = (report: TrafficReport): boolean => badOf(report) === 0;

/** Whether users get right answers: each has logged in and counted by now, and most of it went well. */
export const isDriven = (report: TrafficReport): boolean =>
  report.requests > 2 * report.users && badOf(report) < report.requests * HOPELESS_SHARE;

/** Why no user gets on, before users get right answers; undefined while they can still. @param recipe its file, where there is one */
export function whyNotDriven(report: TrafficReport, recipe?: string): string | undefined {
  const bad = badOf(report);
  if (report.elapsedMs < DRIVEN_AFTER_MS || bad === 0 || bad < report.requests * HOPELESS_SHARE) return undefined;
  const advice =
    recipe === undefined
      ? 'It asks for POST /login and GET /count, as docs/local-cloud.md describes: give --recipe FILE for an application with others'
      : `It follows ${recipe}, whose parts docs/canary.md describes`;
  return `the traffic cannot drive this application: ${bad} of ${report.requests} requests failed. ${sampleOf(report)}. ${advice}`;
}

/** What failed since an earlier report; undefined when hardly anything did. */
export function troubleSince(earlier: TrafficReport | undefined, latest: TrafficReport): string | undefined {
  const requests = latest.requests - (earlier?.requests ?? 0);
  const bad = badOf(latest) - (earlier ? badOf(earlier) : 0);
  if (bad <= requests * TROUBLE_SHARE) return undefined;
  return `${bad} of the last ${requests} requests failed. ${sampleOf(latest, earlier)}`;
}

/** What grew most, with the latest request of it. */
function sampleOf(latest: TrafficReport, earlier?: TrafficReport): string {
  const before = new Map((earlier ? kindsOf(earlier) : []).map(({ words, count }) => [words, count]));
  const grown = kindsOf(latest).map((kind) => ({ ...kind, grew: kind.count - (before.get(kind.words) ?? 0) }));
  const most = grown.toSorted((a, b) => b.grew - a.grew)[0];
  return most ? `Most of them: ${most.words}, such as ${exampleText(most.latest)}` : 'There is no sample';
}

const exampleText = ({ path, detail, server }: Example): string => [path, detail, server && `from ${server}`].filter(Boolean).join(', ');
