/** A session is known to every server behind the load balancer. */
import { counted } from '../../shared/texts.ts';
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import { type Check, ifWitnessed, logInAgain, type Run } from '../run.ts';
import { readWho, type Who } from '../site/site.ts';
import { takeValue } from '../site/take-value.ts';
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

/** A user who comes back from another site by a POST is still logged in, although the browser keeps a Lax or Strict cookie back. */

export interface ReturnFacts {
  /** Whom the browser shows after the return with all of its cookies, and after one from another site. */
  readonly own: Who;
  readonly other: Who;
}

export function judgeReturn({ own, other }: ReturnFacts): Outcome {
  const check = 'return-from-other-site';
  if (own !== 'a') return notAsked(check, 'the steps of "returns" log the user out, wherever they come from');
  if (other === 'unclear') return unclear(check, 'the site could not answer after a return from another site');
  return other === 'a'
    ? holds(check, 'a user who comes back by a POST of another site is still logged in')
    : found('logged-out-by-return', 'after a POST of another site, which comes without the cookie, the site shows nobody');
}

export const returnFromOtherSite: Check = {
  name: 'return-from-other-site',
  isOfCookies: true,
  whyNot: ({ recipe }) => (recipe.returns === undefined ? 'the recipe has no returns' : undefined),
  logins: () => 1,
  async run(run) {
    const visitor = await logInAgain(run);
    const who: Who[] = [];
    for (const fromOtherSite of [false, true]) {
      const copy = visitor.replay();
      await copy.comeBack({ fromOtherSite });
      who.push(await copy.who());
    }
    const [own = 'unclear', other = 'unclear'] = who;
    return [await ifWitnessed(judgeReturn({ own, other }), await run.witness())];
  },
};
