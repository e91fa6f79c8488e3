/** What the trouble's channels and the servers' lines say by themselves. Pure. */
import { leastOf, sumOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { ApplicationCategory } from '../../contract/read-logs.ts';
import type { ApplicationLogFacts } from '../../contract/server-facts.ts';
import { type ChannelName, excessOf, isTroubled } from '../../trouble/channels.ts';
import { OF_SIGN_IN } from '../../trouble/people.ts';
import { sentenceOf, sourceOf, usualOf } from '../../trouble/sentences.ts';
import { allLogsRead, BEFORE_SIGN_MS, knownTraces, logsShowAnswered, mergedTraces, namedAround, serversOf } from '../../trouble/traces.ts';
import { troubleOf } from '../../trouble/trouble.ts';
import { anyOf, fact, type Judge, neverSure, no, open, shaky, yes } from '../judged.ts';

/** A channel is in trouble, and how; `acute`: more than before; `nearlyAll`: as good as all of it is; `surely`: not only perhaps people's. */
export const inTrouble =
  (name: ChannelName, how?: 'acute' | 'nearlyAll' | 'surely'): Judge =>
  (evidence) => {
    const trouble = troubleOf(evidence);
    const channel = trouble.channels[name];
    if ('gap' in channel) return channel.gap === 'notInstalled' ? no(sourceOf(name), 'it has none') : open(sourceOf(name), channel.gap);
    if (!isTroubled(channel)) return no(sourceOf(name), usualOf(trouble, [name])[0]?.text ?? '');
    const text = sentenceOf(name, channel, evidence);
    if (how === 'acute' && channel.state !== how) return no(sourceOf(name), `${text}, as ever`);
    if (how === 'surely' && channel.isPerhaps) return no(sourceOf(name), `${text}, and as many as before are answered well`);
    if (how === 'nearlyAll' && excessOf(channel) < channel.of * MOST) return no(sourceOf(name), `${text}, and not nearly all`);
    return yes(sourceOf(name), text, typeof channel.onset === 'number' ? channel.onset : undefined);
  };

export const someInTrouble = ([first, ...others]: readonly [ChannelName, ...ChannelName[]]): Judge =>
  anyOf(inTrouble(first), ...others.map((name) => inTrouble(name)));

/** Users lose their sessions, as logs show that name the session which each request ended with. */
export const sessionsLost: Judge = (evidence) => {
  const [lost, servers] = [inTrouble('lost')(evidence), serversOf(evidence)];
  // The other traces are cut off: if a session came to another server later, no log shows how it ended.
  const areWhole = knownTraces(servers, evidence.firstSignMs).some(({ beyond }) => !beyond);
  return allLogsRead(servers, true) && logsShowAnswered(servers) && areWhole ? lost : shaky(lost);
};

/** Users lose their sessions; where no log shows it, they are sent away. */
export const usersTurnedAway: Judge = (evidence) => {
  const lost = sessionsLost(evidence);
  return lost.truth === null ? anyOf(neverSure(someInTrouble(['redirects', 'refusals'])), () => lost)(evidence) : lost;
};

const MOST = 0.8;
const HALF = 0.5;
const FEW = 0.1;
const FEWEST = 10;

/** Nearly all errors of the servers are on the pages by which people sign in. Anybody can send such requests. */
export const errorsAtSignIn = fact('servers', 'access logs: the pages that end in errors', ({ servers }, { evidence }) => {
  const errors = inTrouble('errors', 'acute')(evidence);
  const paths = servers.flatMap(({ access }) => access?.byPath ?? []);
  const all = sumOf(paths, ({ serverErrors }) => serverErrors);
  const there = sumOf(paths, ({ path, serverErrors }) => (OF_SIGN_IN.test(path) ? serverErrors : 0));
  if (errors.truth !== true) return errors.truth === null ? undefined : { is: false, text: errors.text };
  const is = there >= FEWEST && there >= all * MOST;
  const text = `${errors.text}; ${there} of ${all} errors are on pages by which people sign in`;
  return { is, text, sure: !is, sinceMs: errors.sinceMs, others: ['traffic'] };
});

/** Sessions that were there when people began to be sent to the login, and that no request names any more, though none was refused. */
export const sessionsFallSilent = fact('servers', 'what is in front, for some users', ({ servers }, { evidence }) => {
  const { truth, text: sent, sinceMs } = inTrouble('redirects', 'acute')(evidence);
  if (truth === null) return undefined;
  if (!truth || sinceMs === undefined) return { is: false, text: sent };
  const { there, after } = namedAround(servers, sinceMs);
  const text = `${after} of ${there} sampled sessions were refused, or are named by requests since people are sent to the login`;
  if (there >= FEWEST && after <= there * FEW) return { is: true, text, sinceMs, sure: false };
  // Some of a front's places can drop the cookie, and others not.
  return there >= FEWEST && after <= there * HALF ? undefined : { is: false, text };
});

/** One server at least takes no session that another one takes, of those that came to both since the trouble began. Ids can be invented. */
export const sessionsOfOneServer = fact('servers', 'access logs: sessions that are lost', ({ servers }, { evidence }) => {
  const { truth, text: lost, sinceMs = Number.NEGATIVE_INFINITY } = inTrouble('lost')(evidence);
  if (truth !== true) return truth === null ? undefined : { is: false, text: lost };
  const several = mergedTraces(servers, evidence.firstSignMs).filter(
    ({ servers: seenBy, knownBy, firstMs }) => seenBy.length > 1 && knownBy.length > 0 && firstMs >= sinceMs,
  );
  const apart = servers.flatMap(({ instanceId }) => {
    const came = several.filter((trace) => trace.servers.includes(instanceId));
    const shared = came.filter(({ knownBy }) => knownBy.includes(instanceId) && knownBy.length > 1);
    return came.length >= FEWEST && shared.length <= came.length * FEW ? [instanceId] : [];
  });
  const is = apart.length > 0;
  const text = is
    ? `${apart.join(', ')} and the others take none of each other's sessions, of ${several.length} that came to several servers`
    : `servers take each other's sessions (${several.length} came to several)`;
  return { is, text, sure: !is, sinceMs: Number.isFinite(sinceMs) ? sinceMs : undefined };
});

/** A line or two is written at any restart, or when an idle connection is closed. */
const FEWEST_LINES = 5;

const ABOUT = {
  storeConnection: 'connections to the store',
  readOnly: 'writes that a node refuses',
  outOfMemory: 'writes that a full store refuses',
  serialization: 'sessions that cannot be read',
  decryption: 'sessions that cannot be decrypted',
} as const satisfies Partial<Record<ApplicationCategory, string>>;

/** Lines of a category that were written around the first sign or since. */
export const wordsAbout = (category: keyof typeof ABOUT): Judge =>
  fact('servers', 'application logs: not of every server', ({ servers }, { evidence }) => {
    const logs = servers.flatMap(({ application }) => application ?? []);
    const recent = logs.filter((log) => (log.lastMs?.[category] ?? Number.POSITIVE_INFINITY) >= evidence.firstSignMs - BEFORE_SIGN_MS);
    const lines = sumOf(recent, (log) => log[category] ?? 0);
    const text = `${lines} lines of the servers' logs are about ${ABOUT[category]}`;
    if (lines >= FEWEST_LINES) return { is: true, text, sure: false, sinceMs: firstOf(recent, [category]) };
    return everyLogRead(evidence) ? { is: false, text } : undefined;
  });

/** A log whose lines have no time can have every trouble in it. */
export const someLogUndated = (evidence: Evidence): boolean => serversOf(evidence).some(({ application }) => application?.undated);

export const firstLineMs = (evidence: Evidence, categories: readonly ApplicationCategory[]): number | undefined =>
  firstOf(
    serversOf(evidence).flatMap(({ application }) => application ?? []),
    categories,
  );

const firstOf = (logs: readonly ApplicationLogFacts[], categories: readonly ApplicationCategory[]): number | undefined =>
  leastOf(categories.flatMap((category) => logs.flatMap((log) => (log[category] ? (log.firstMs[category] ?? []) : []))));

export function everyLogRead({ sources: { servers } }: Evidence): boolean {
  if (!servers || 'gap' in servers || (servers.gaps ?? []).length > 0) return false;
  const logs = servers.facts.servers.map(({ application }) => application);
  return logs.length > 0 && logs.every((log) => log !== undefined && !log.partial);
}
