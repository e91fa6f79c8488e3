/** Who creates sessions. Pure. */
import { percentOf, sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { allLogsRead, requestsWithSession, serversOf } from '../../trouble/traces.ts';
import { firmIf, type Judge, type Judged, judgeSource, no, open, shaky, whether, yes } from '../judged.ts';

const FEWEST_NEW = 30;
const FEWEST_IN_VAIN = 10;
/** Share of the new sessions from which machines, not people, explain their number. */
const MACHINES_PERCENT = 60;
/** Share of requests that begin a session: a browser logs in once and clicks for a while, so this many are no users. */
const PER_REQUEST_PERCENT = 50;
const PEOPLE = new Set(['browser', 'unknown']);

function newSessions(servers: readonly ServerFacts[]) {
  const created = servers.flatMap(({ access }) => Object.entries(access?.created?.byAgent ?? {}));
  const count = (of: (agent: string) => boolean) => sumOf(created, ([agent, made]) => (of(agent) ? made : 0));
  const { withSession: named, ...requests } = requestsWithSession(servers);
  return {
    all: count(() => true),
    byMachines: count((agent) => !PEOPLE.has(agent)),
    withoutAgent: count((agent) => agent === 'unknown'),
    ...requests,
    /** Requests that named a session; undefined where a log does not show it. */
    named: servers.every(({ access }) => typeof access?.withSession === 'number') ? named : undefined,
  };
}
type Counts = ReturnType<typeof newSessions>;

const judgeNew = (judge: (counts: Counts, evidence: Evidence) => Judged): Judge =>
  judgeSource('servers', ({ servers }, { complete, evidence }) =>
    allLogsRead(servers, complete) && servers.every(({ access }) => access?.created)
      ? judge(newSessions(servers), evidence)
      : open('servers', 'access logs: who creates sessions, of every server'),
  );

/** Fewer requests name a session than sessions are created: almost none comes back. */
export const sessionsMadeInVain = judgeNew(({ all, named }) =>
  named === undefined
    ? open('servers', 'access logs: requests that name a session, of every server')
    : whether('servers', all >= FEWEST_IN_VAIN && named < all, `${all} sessions were created, and ${named} requests named one`),
);

/**
 * Machines by their own names; or nearly every request creates one, in place of the session that it names or of none. Who calls itself a
 * browser can be one whose cookie does not come back, or a newcomer who sees one page: that makes nothing certain.
 */
export const madeByMachines = judgeNew((counts, evidence) => {
  const { all, byMachines, lines, replaced } = counts;
  const text = `${percentOf(byMachines, all)} % of ${all} new sessions are of bots, health checks or scripts; ${percentOf(all, lines)} % of requests created one`;
  if (all < FEWEST_NEW) return no('servers', text);
  if (areMachines(counts)) return firmIf(becomeMore(evidence), yes('servers', text));
  const instead = areReplaced(counts) ? `, ${replaced} of them in place of the one that the request named` : '';
  return percentOf(all, lines) >= PER_REQUEST_PERCENT ? shaky(yes('servers', `${text}${instead}`)) : no('servers', text);
});

const RISE = 2;

/**
 * Machines make many more requests in the last third of the hour than in its first sixth: what begins as many sessions as ever makes nothing
 * grow. They are in no count by minute of the logs, and in those of the load balancer.
 */
function becomeMore(evidence: Evidence): boolean {
  const logs = serversOf(evidence).flatMap(({ access }) => access?.byMinute ?? []);
  const people = Map.groupBy(logs, ({ minuteMs }) => minuteMs);
  const machines = (factsOf(evidence, 'traffic')?.byMinute ?? []).map(
    ({ minuteMs, requests }) => requests - sumOf(people.get(minuteMs) ?? [], (minute) => minute.requests),
  );
  const mean = (some: readonly number[]) => sumOf(some) / Math.max(1, some.length);
  const later = mean(machines.slice(-Math.ceil(machines.length / 3)));
  return logs.length > 0 && later > 0 && later >= mean(machines.slice(0, Math.ceil(machines.length / 6))) * RISE;
}

const areMachines = ({ all, byMachines }: Counts): boolean => percentOf(byMachines, all) >= MACHINES_PERCENT;
const areReplaced = ({ all, replaced }: Counts): boolean => replaced * 2 >= all;

/** Who creates sessions with nearly every request: `replaced` are browsers that name another one. */
export function madeBy(evidence: Evidence): 'machines' | 'replaced' | 'browsers' {
  const counts = newSessions(serversOf(evidence));
  return areMachines(counts) ? 'machines' : areReplaced(counts) ? 'replaced' : 'browsers';
}

export const madeByPeople = judgeNew(({ all, byMachines, withoutAgent, lines }) => {
  if (all < FEWEST_NEW || withoutAgent * 2 > all)
    return open('servers', 'access logs: enough new sessions with the class of their user agent');
  const text = `${percentOf(all - byMachines, all)} % of ${all} new sessions are of browsers`;
  const isPeople = percentOf(byMachines, all) < 100 - MACHINES_PERCENT && percentOf(all, lines) < PER_REQUEST_PERCENT;
  return whether('servers', isPeople, text);
});
