/** What is not as usual, where the evidence does not decide the cause: what an engineer would ask for first. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { counted } from '../../shared/counted.ts';
import { clockText } from '../../shared/times.ts';
import { primaryStartedAnew } from '../classify/facts/store-nodes.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { isTroubled } from '../trouble/channels.ts';
import { latestReading } from '../trouble/store-channels.ts';
import { troubleOf } from '../trouble/trouble.ts';
import { plain } from './plain.ts';
import { pastOf } from './store-past.ts';

/** Share of a server's responses from which a status counts as frequent. */
const OFTEN_PERCENT = 5;
/** Share of a node's connections, or of its engine's one thread, from which it is busy. */
export const BUSY_PERCENT = 80;
/** A minute; fewer say nothing. */
const FEWEST_REDIRECTS = 5;
/** A page that is not there, and the login, are asked for all day. */
const USUAL_STATUSES: readonly string[] = ['401', '403', '404'];

/** In sentences; empty without evidence. */
export const unusual = (evidence: Evidence | undefined): string[] =>
  evidence === undefined
    ? []
    : [
        targetsSentence,
        statusesSentence,
        scalingSentence,
        balancerRedirectsSentence,
        storeSentence,
        stillThereSentence,
        restartSentence,
        gatesSentence,
        certificateSentence,
        unwrittenSentence,
      ].flatMap((sentence) => sentence(evidence) ?? []);

function targetsSentence(evidence: Evidence): string | undefined {
  const targets = factsOf(evidence, 'balancer')?.targets ?? [];
  const others = targets.filter(({ state }) => state !== 'healthy');
  if (others.length === 0) return undefined;
  const states = [...new Set(others.map(({ state, reason }) => (reason === undefined ? state : `${state}, ${reason}`)))].join('; ');
  return plain(`${others.length} of ${targets.length} targets are not healthy (${states}).`);
}

/** Refusals that are not about the session: a header that is too large, a gateway, a limit of requests. */
function statusesSentence(evidence: Evidence): string | undefined {
  const logs = (factsOf(evidence, 'servers')?.servers ?? []).flatMap(({ access }) => access ?? []);
  const lines = sumOf(logs, (log) => log.lines);
  const counts = new Map<string, number>();
  for (const [status, count] of logs.flatMap(({ statuses }) => Object.entries(statuses)))
    if (/^[45]/.test(status) && !USUAL_STATUSES.includes(status)) counts.set(status, (counts.get(status) ?? 0) + count);
  const often = [...counts].filter(([, count]) => count * 100 >= lines * OFTEN_PERCENT).toSorted(([, one], [, other]) => other - one);
  if (often.length === 0) return undefined;
  return `The servers answered ${often.map(([status, count]) => `${status} to ${count}`).join(', ')} of ${lines} requests, by their access logs.`;
}

function scalingSentence(evidence: Evidence): string | undefined {
  const { launched = 0, terminated = 0 } = factsOf(evidence, 'scaling') ?? {};
  return launched + terminated === 0
    ? undefined
    : `Auto Scaling launched ${counted(launched, 'server')} and ended ${terminated} in the hour before.`;
}

/** A rule, a listener or its sign-in sends people elsewhere: no server counts these. */
function balancerRedirectsSentence(evidence: Evidence): string | undefined {
  const minutes = factsOf(evidence, 'traffic')?.byMinute ?? [];
  const { onset } = troubleOf(evidence);
  const fromMs = typeof onset === 'number' ? onset : evidence.firstSignMs;
  const perMinute = (some: typeof minutes) => sumOf(some, ({ elb3xx = 0 }) => elb3xx) / Math.max(1, some.length);
  const [before, now] = [
    perMinute(minutes.filter(({ minuteMs }) => minuteMs < fromMs)),
    perMinute(minutes.filter(({ minuteMs }) => minuteMs >= fromMs)),
  ];
  if (now < FEWEST_REDIRECTS || now < before * 2) return undefined;
  return `The load balancer itself redirects ${Math.round(now)} requests a minute since ${clockText(fromMs).slice(0, 5)} UTC, ${Math.round(before)} before: see the rules of its listener.`;
}

/** It asks the store in the application's own way. */
function gatesSentence(evidence: Evidence): string | undefined {
  const gates = (factsOf(evidence, 'servers')?.servers ?? []).flatMap(({ gate, store }) => (gate === undefined ? [] : [{ gate, store }]));
  const down = gates.filter(({ gate, store }) => !gate && store?.reachable === true);
  if (down.length === 0) return undefined;
  return `The gate of ${down.length} of ${gates.length} servers is not UP, although the store answers their PING: it can refuse their login, they its certificate, or something else that the gate asks is down.`;
}

/** Most clients check it, and the servers' PING does not. */
function certificateSentence(evidence: Evidence): string | undefined {
  const refused = (factsOf(evidence, 'store')?.nodes ?? []).find(({ error }) => /certificate|self.signed/i.test(error ?? ''));
  return refused && plain(`The collector refuses the store's certificate (${refused.error}): applications that check it do as well.`);
}

/** No cause of a log-out by itself; but a user who is missed can mean what was in the session. */
function unwrittenSentence(evidence: Evidence): string | undefined {
  const samples = (factsOf(evidence, 'servers')?.servers ?? []).flatMap(({ unwritten }) => unwritten ?? []);
  const requests = sumOf(samples, (sample) => sample.requests);
  if (requests === 0) return undefined;
  const of = counted(
    sumOf(samples, (sample) => sample.of),
    'sampled request',
  );
  return `${requests} of ${of} changed session attributes that were not written to the store: users lose such changes on the next server.`;
}

/** By so much more sessions than when the trouble began. */
const MORE_SESSIONS = 1.2;

/** Users who lose a session that is still in the store begin another one: it is not found, or not read in time. */
function stillThereSentence(evidence: Evidence): string | undefined {
  const there = sessionsSince(evidence);
  // Whose session a failover took has begun another since.
  const isPast = pastOf(evidence) !== undefined && troubleOf(evidence).untilMs !== undefined;
  if (there === undefined || isPast) return undefined;
  return `The store has more sessions than at ${clockText(there.onset).slice(0, 5)} UTC (${there.now}, and ${there.before} then) although users lose theirs: these are still there, and are not found or not read in time.`;
}

/** Sessions in the store when users began to lose theirs, and now, where there are more of them. */
export function sessionsSince(evidence: Evidence): { readonly onset: number; readonly before: number; readonly now: number } | undefined {
  const { onset, channels } = troubleOf(evidence);
  const minutes = factsOf(evidence, 'readings')?.minutes ?? [];
  if (typeof onset !== 'number' || !isTroubled(channels.lost)) return undefined;
  const [before, now] = [minutes.findLast(([atSeconds]) => atSeconds * 1_000 <= onset)?.[1], minutes.at(-1)?.[1]];
  if (before === undefined || now === undefined || before === 0 || now < before * MORE_SESSIONS) return undefined;
  return { onset, before, now };
}

function restartSentence(evidence: Evidence): string | undefined {
  const anew = primaryStartedAnew(evidence);
  return anew && plain(`The primary ${anew.name} restarted around the first sign: its process is ${anew.uptimeSeconds} s old.`);
}

function storeSentence(evidence: Evidence): string | undefined {
  const { connectionsPercent = 0, engineCpuPercent } = latestReading(evidence) ?? {};
  const parts = [
    ...(connectionsPercent >= BUSY_PERCENT
      ? [`a node of the store had ${Math.round(connectionsPercent)} % of its connections in use`]
      : []),
    ...((engineCpuPercent ?? 0) >= BUSY_PERCENT ? [`the engine of a node was busy at ${Math.round(engineCpuPercent ?? 0)} %`] : []),
  ];
  return parts.length === 0 ? undefined : `At the last reading ${parts.join(', and ')}.`;
}
