/** A session is known to every server behind the load balancer. */

import { counted } from '../../shared/counted.ts';
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import { takeValue } from '../recipe/take-value.ts';
import type { Check, Run } from '../run.ts';
import { readWho, type Who } from '../site/read-who.ts';
import type { Visitor } from '../site/visitor.ts';

const REQUESTS = 8;

export interface OtherServerFacts {
  /** The server that the answer names; undefined for an answer that names none. */
  readonly server?: string;
  readonly who: Who;
}

export function judgeServers(facts: readonly OtherServerFacts[]): Outcome {
  const check = 'other-servers';
  const by = (who: Who) => facts.filter((one) => one.who === who).length;
  const servers = new Set(facts.flatMap(({ server }) => server ?? []));
  if (by('unclear') > 0) return unclear(check, 'the site could not answer every request');
  if (by('nobody') > 0 && by('a') > 0)
    return found('not-on-every-server', `${by('nobody')} of ${facts.length} requests of one session were answered as logged out`);
  if (servers.size < 2)
    return notAsked(check, servers.size === 0 ? 'no answer names its server' : `one server answered ${counted(facts.length, 'request')}`);
  if (by('a') < facts.length) return unclear(check, 'the session ended during the requests');
  return holds(check, `${counted(servers.size, 'server')} ${servers.size === 1 ? 'knows' : 'know'} the session`);
}

export const otherServers: Check = {
  name: 'other-servers',
  whyNot: ({ recipe }) => (recipe.server === undefined ? 'the recipe has no server' : undefined),
  async run(run) {
    const facts = await askEach(run, run.a);
    // Where each answer changes the id, an earlier check can have used the one that A's browser has.
    return [judgeServers(facts.every(({ who }) => who === 'nobody') ? await askEach(run, await run.freshA()) : facts)];
  },
};

async function askEach({ recipe, site }: Run, a: Visitor): Promise<readonly OtherServerFacts[]> {
  const facts: OtherServerFacts[] = [];
  for (let times = 0; times < REQUESTS; times += 1) {
    // The load balancer's own cookies are not sent: they would lead every request to the same server.
    const one = a.replay(a.jar.filter(({ name }) => !site.isLoadBalancers(name)));
    const { answer } = await one.askWho();
    const server = takeValue(answer, recipe.server ?? {});
    const who = readWho(answer, site.shows);
    facts.push({ who, ...(server !== undefined && { server }) });
    // With a user it can be the next id of the session, with nobody it is a visitor's.
    if (who === 'a') a.jar = one.jar;
  }
  return facts;
}
