/** What the trouble's channels say by themselves. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import { type ChannelName, excessOf, isTroubled } from '../../trouble/channels.ts';
import { OF_SIGN_IN } from '../../trouble/errors-of-paths.ts';
import { sentenceOf, sourceOf, usualOf } from '../../trouble/sentences.ts';
import {
  allLogsRead,
  knownTraces,
  logsShowAnswered,
  mergedTraces,
  namedAround,
  requestsWithSession,
  serversOf,
} from '../../trouble/traces.ts';
import { troubleOf } from '../../trouble/trouble.ts';
import { anyOf, firmIf, type Judge, judgeSource, neverSure, no, open, shaky, yes } from '../judged.ts';

/** A channel is in trouble, and how; `acute`: more than before; `nearlyAll`: as good as all of it is; `surely`: not only perhaps people's. */
export const inTrouble =
  (name: ChannelName, how?: 'acute' | 'nearlyAll' | 'surely'): Judge =>
  (evidence) => {
    const trouble = troubleOf(evidence);
    const channel = trouble.channels[name];
    if ('gap' in channel) return channel.gap === 'notInstalled' ? no(sourceOf(name), 'it has none') : open(sourceOf(name), channel.gap);
    const text = sentenceOf(name, channel, evidence);
    if (!isTroubled(channel)) return no(sourceOf(name), usualOf(trouble, [name], evidence)[0]?.text ?? text);
    if (how === 'acute' && channel.state !== how) return no(sourceOf(name), `${text}, as ever`);
    if (how === 'surely' && channel.isPerhaps) return no(sourceOf(name), `${text}, and as many as before are answered well`);
    if (how === 'nearlyAll' && excessOf(channel) < channel.of * MOST) return no(sourceOf(name), `${text}, and not nearly all`);
    return yes(sourceOf(name), text, typeof channel.onset === 'number' ? channel.onset : undefined);
  };

/** So many requests of a hundred whose session is replaced mean something: a login replaces one too. */
const REPLACED_PERCENT = 10;

/** Users lose their sessions, as logs show that name the session which each request ended with; or requests get another one in its place. */
export const sessionsLost: Judge = (evidence) => {
  const [lost, servers] = [inTrouble('lost')(evidence), serversOf(evidence)];
  const { replaced, withSession } = requestsWithSession(servers);
  if (lost.truth !== true && replaced >= FEWEST && replaced * 100 >= withSession * REPLACED_PERCENT)
    return shaky(yes('servers', `the sessions of ${replaced} of ${withSession} requests were replaced`));
  // The other traces are cut off: if a session came to another server later, no log shows how it ended.
  const areWhole = knownTraces(servers, evidence.firstSignMs).some(({ beyond }) => !beyond);
  return firmIf(allLogsRead(servers, true) && logsShowAnswered(servers) && areWhole, lost);
};

export const someInTrouble = ([first, ...others]: readonly [ChannelName, ...ChannelName[]]): Judge =>
  anyOf(inTrouble(first), ...others.map((name) => inTrouble(name)));

/** Users lose their sessions; where no log shows it, they are sent away. */
export const usersTurnedAway: Judge = (evidence) => {
  const lost = sessionsLost(evidence);
  return lost.truth === null ? anyOf(neverSure(someInTrouble(['redirects', 'refusals'])), () => lost)(evidence) : lost;
};

const MOST = 0.8;
const HALF = 0.5;
const FEW = 0.1;
const FEWEST = 10;

/** Nearly all errors of the servers are on the pages by which people sign in. Anybody can send such requests: never firm. */
export const errorsAtSignIn: Judge = (evidence) => {
  const errors = inTrouble('errors', 'acute')(evidence);
  if (errors.truth !== true) return errors;
  const paths = serversOf(evidence).flatMap(({ access }) => access?.byPath ?? []);
  const all = sumOf(paths, ({ serverErrors }) => serverErrors);
  const there = sumOf(paths, ({ path, serverErrors }) => (OF_SIGN_IN.test(path) ? serverErrors : 0));
  const text = `${errors.text}; ${there} of ${all} errors are on pages by which people sign in`;
  if (all === 0) return open('servers', 'access logs: the pages that end in errors');
  return there >= FEWEST && there >= all * MOST ? shaky({ ...errors, text, others: ['servers'] }) : no('servers', text);
};

/** Sessions that were there when people began to be sent to the login, and that no request names any more, though none was refused. */
export const sessionsFallSilent = judgeSource('servers', ({ servers }, { evidence }) => {
  const redirects = inTrouble('redirects', 'acute')(evidence);
  const { sinceMs } = redirects;
  if (redirects.truth !== true) return redirects;
  if (sinceMs === undefined) return no('servers', `${redirects.text}, and since when is not known`);
  const { there, after } = namedAround(servers, sinceMs);
  const text = `${after} of ${there} sampled sessions were refused, or are named by requests since people are sent to the login`;
  if (there >= FEWEST && after <= there * FEW) return shaky(yes('servers', text, sinceMs));
  // Some of a front's places can drop the cookie, and others not.
  return there >= FEWEST && after <= there * HALF ? open('servers', `what is in front, for some users: ${text}`) : no('servers', text);
});

/** One server at least takes no session that another one takes, of those that came to both since the trouble began. Never firm. */
export const sessionsOfOneServer = judgeSource('servers', ({ servers }, { evidence }) => {
  const lost = inTrouble('lost')(evidence);
  if (lost.truth !== true) return lost;
  const several = mergedTraces(servers, evidence.firstSignMs).filter(
    ({ servers: seenBy, knownBy, firstMs }) =>
      seenBy.length > 1 && knownBy.length > 0 && firstMs >= (lost.sinceMs ?? Number.NEGATIVE_INFINITY),
  );
  const apart = servers.flatMap(({ instanceId }) => {
    const came = several.filter((trace) => trace.servers.includes(instanceId));
    const shared = came.filter(({ knownBy }) => knownBy.includes(instanceId) && knownBy.length > 1);
    return came.length >= FEWEST && shared.length <= came.length * FEW ? [instanceId] : [];
  });
  const text = `${apart.join(', ')} and the others take none of each other's sessions, of ${several.length} that came to several servers`;
  return apart.length > 0
    ? shaky(yes('servers', text, lost.sinceMs))
    : no('servers', `servers take each other's sessions (${several.length} came to several)`);
});
