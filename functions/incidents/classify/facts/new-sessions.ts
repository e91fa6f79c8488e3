/** Who creates sessions. Pure. */
import { percentOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { machinesBecomeMore } from '../../trouble/per-person.ts';
import { allLogsRead, newSessions, requestsWithSession, serversOf } from '../../trouble/traces.ts';
import { firmIf, type Judge, type Judged, judgeSource, open, whether } from '../judged.ts';

const FEWEST_NEW = 30;
const FEWEST_SAMPLED = 10;
/** Share of the new sessions from which machines, not people, explain their number. */
const MACHINES_PERCENT = 60;
/** Share of requests that begin a session: a browser logs in once and clicks for a while, so this many are no users. */
const PER_REQUEST_PERCENT = 50;
/** Users come back to their sessions. Of newcomers some see one page, so that from here on most are users; below the other share next to none are. */
const USERS_BACK_PERCENT = 50;
const NONE_BACK_PERCENT = 20;

function countsOf(servers: readonly ServerFacts[]) {
  const { byPeople, byMachines, withoutAgent, sampled, usedAgain } = newSessions(servers);
  const [all, { lines, replaced }] = [byPeople + byMachines, requestsWithSession(servers)];
  const perRequestPercent = percentOf(all, lines);
  return {
    ...{ all, byPeople, byMachines, withoutAgent, replaced, perRequestPercent },
    /** Of people's sessions, as machines name none a second time; undefined where the sample is too small to say. */
    backPercent: sampled < FEWEST_SAMPLED ? undefined : percentOf(usedAgain * all, sampled * byPeople),
    text: `${perRequestPercent} % of requests created a session; ${sampled === 0 ? 'none had time to be' : `${usedAgain} of ${sampled} sampled new ones were`} used again`,
  };
}
type Counts = ReturnType<typeof countsOf>;

const judgeNew = (judge: (counts: Counts, evidence: Evidence) => Judged): Judge =>
  judgeSource('servers', ({ servers }, { complete, evidence }) =>
    allLogsRead(servers, complete) && servers.every(({ access }) => access?.created)
      ? judge(countsOf(servers), evidence)
      : open('servers', 'access logs: who creates sessions, of every server'),
  );

/**
 * Machines by their own names; or nearly every request creates one, or next to none is used again: that is never certain, as who calls
 * itself a browser can be one whose cookie does not come back, or a newcomer who sees one page.
 */
export const madeByMachines = judgeNew((counts, evidence) => {
  const { all, byMachines } = counts;
  const by = makerOf(counts);
  const isSo = all >= FEWEST_NEW && by !== 'users';
  const text = `${percentOf(byMachines, all)} % of ${all} new sessions are of bots, health checks or scripts; ${counts.text}`;
  return firmIf(!isSo || (by === 'machines' && machinesBecomeMore(evidence)), whether('servers', isSo, text));
});

/** Who creates most of the new sessions: `replaced` are browsers that name another one, and `browsers` those whose session does not come back. */
function makerOf({ all, byMachines, replaced, perRequestPercent, backPercent = NONE_BACK_PERCENT }: Counts) {
  if (percentOf(byMachines, all) >= MACHINES_PERCENT) return 'machines';
  if (perRequestPercent < PER_REQUEST_PERCENT && backPercent >= NONE_BACK_PERCENT) return 'users';
  return replaced * 2 >= all ? 'replaced' : 'browsers';
}

export function madeBy(evidence: Evidence): 'machines' | 'replaced' | 'browsers' {
  const by = makerOf(countsOf(serversOf(evidence)));
  return by === 'users' ? 'browsers' : by;
}

/** Sessions that come back are users'; where few do, newcomers, or machines with names of browsers, look the same. */
export const madeByPeople = judgeNew((counts) => {
  const { all, byPeople, byMachines, withoutAgent, backPercent = 0, text } = counts;
  if (all < FEWEST_NEW || withoutAgent * 2 > all)
    return open('servers', 'access logs: enough new sessions with the class of their user agent');
  const isPeople = makerOf(counts) === 'users' && percentOf(byMachines, all) < 100 - MACHINES_PERCENT;
  const judged = whether('servers', isPeople, `${percentOf(byPeople, all)} % of ${all} new sessions are of browsers; ${text}`);
  return firmIf(!isPeople || backPercent >= USERS_BACK_PERCENT, judged);
});
