/** Whether traffic fails, and why: in words, from two reports. Pure. */
import type { Example, Incidence, TrafficReport } from './contract.ts';

/** Users log in within 2 s, and each counts a second later. A server that is only slow fails nothing. */
const DRIVEN_AFTER_MS = 8_000;
/** Above this share of the requests, an application is none that the traffic can drive. */
const HOPELESS_SHARE = 0.5;
/** A single connection that broke is in the figures; this is what users notice. */
const TROUBLE_SHARE = 0.05;

const incidences = ({ failures, losses }: TrafficReport): readonly (readonly [name: string, incidence: Incidence])[] => [
  ...Object.entries(failures),
  ...Object.entries(losses),
];
const badOf = (report: TrafficReport): number => incidences(report).reduce((sum, [, { count }]) => sum + count, 0);

/** Whether any request failed, or any user lost a session. */
export const isClean = (report: TrafficReport): boolean => badOf(report) === 0;

/** Whether users get right answers: each has logged in and counted by now, and most of it went well. */
export const isDriven = (report: TrafficReport): boolean =>
  report.requests > 2 * report.users && badOf(report) < report.requests * HOPELESS_SHARE;

/** Why no user gets on, before users get right answers; undefined while they can still. */
export function whyNotDriven(report: TrafficReport): string | undefined {
  const bad = badOf(report);
  if (report.elapsedMs < DRIVEN_AFTER_MS || bad === 0 || bad < report.requests * HOPELESS_SHARE) return undefined;
  return `the traffic cannot drive this application: ${bad} of ${report.requests} requests failed. ${sampleOf(report)}. It needs POST /login and GET /count as the Node example answers them (docs/app-contract.md); the local cloud stays up`;
}

/** What failed since an earlier report; undefined when hardly anything did. */
export function troubleSince(earlier: TrafficReport | undefined, latest: TrafficReport): string | undefined {
  const requests = latest.requests - (earlier?.requests ?? 0);
  const bad = badOf(latest) - (earlier ? badOf(earlier) : 0);
  if (bad <= requests * TROUBLE_SHARE) return undefined;
  return `${bad} of the last ${requests} requests failed. ${sampleOf(latest, earlier)}`;
}

/** The kind that grew most, with one request of it. */
function sampleOf(latest: TrafficReport, earlier?: TrafficReport): string {
  const before = new Map(earlier ? incidences(earlier).map(([name, { count }]) => [name, count]) : []);
  const grown = incidences(latest).map(([name, { count, examples }]) => ({
    name,
    grew: count - (before.get(name) ?? 0),
    example: examples.at(-1),
  }));
  const most = grown.sort((a, b) => b.grew - a.grew)[0];
  return most ? `Most of them: ${most.name}${most.example ? `, such as ${exampleText(most.example)}` : ''}` : 'There is no sample';
}

const exampleText = ({ path, status, detail, server }: Example): string =>
  [`${path} ${status === undefined ? 'without an answer' : `with status ${status}`}`, detail, server && `from ${server}`]
    .filter(Boolean)
    .join(', ');
