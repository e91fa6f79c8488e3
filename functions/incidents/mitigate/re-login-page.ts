import { fleetTagValue } from '../../shared/naming.ts';
import { cutOffOf } from '../classify/facts/reach.ts';
import type { Mitigation } from '../contract/mitigations.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import { type Fleets, fleetOf, MitigationRefused, refuseFor } from '../contract/steps.ts';
import { chooseRules, isInFront, type PageRule, reLoginHtml } from '../re-login/choose-rule.ts';
import { type BalancerRules, type FoundListener, type FoundRule, type PageTags, pageRule } from './balancer-rules.ts';
import { askServers, isStillAway, type ReadServers, type StoreWitnesses, whyNotAway } from './store-witnesses.ts';

export interface ReLoginPagePorts {
  readonly fleets: Fleets;
  readonly installation: string;
  readonly rules: BalancerRules;
  readonly readServers: ReadServers;
  readonly witnesses: StoreWitnesses;
  /** Whether users of a fleet lose their session or are refused now, by what the load balancer answers; undefined: not known. */
  readonly areHurt: (fleet: string) => Promise<boolean | undefined>;
  readonly longestMs: number;
  readonly now: () => number;
}

/** Rules per load balancer, its default ones not counted. A raised quota is not known here: the page would then be refused too early. */
const QUOTA = 100;
/** Users see no page for a failover that takes a minute: most servers have to be cut off in two checks that are this far apart. */
const CUT_OFF_FOR_MS = 120_000;
/** The load balancer's metrics are minutes late. If they show nobody who is hurt by then, the page helps nobody. */
const HURT_WITHIN_MS = 300_000;
/** Users no longer see the page once most servers were up in two checks, a minute apart. */
const SETTLES_MS = 60_000;

type Undo = { readonly targetGroupArn: string; readonly pages: readonly PageRule[] };

type Place = Pick<PageRule, 'listenerArn' | 'priority'>;
const isIn = (rules: readonly Place[], { listenerArn, priority }: Place): boolean =>
  rules.some((one) => one.listenerArn === listenerArn && one.priority === priority);

const isPageOf = ({ page }: Pick<FoundRule, 'page'>, { incidentId, fleet }: PageTags): boolean =>
  page?.incidentId === incidentId && page.fleet === fleet;

const pagesOf = (listeners: readonly FoundListener[]) =>
  listeners.flatMap(({ listenerArn, rules }) => rules.flatMap((rule) => (rule.page ? [{ ...rule, listenerArn }] : [])));

/** Somebody has sent what the page covers elsewhere: to another target group, or to a page of their own, which it would hide. */
function whyInTheWay(listeners: readonly FoundListener[], pages: readonly PageRule[]): string | undefined {
  const passed = listeners.find((one) => {
    const others = { ...one, rules: one.rules.filter(({ page }) => page === undefined) };
    return !pages.some((page) => page.listenerArn === one.listenerArn && !page.spares && isInFront(others, page));
  });
  return passed && `${passed.listenerArn} no longer forwards to the fleet what the page covers: it would hide what somebody has put there`;
}

const whyTaken = ({ ruleArn, page }: Pick<FoundRule, 'ruleArn' | 'page'>): string =>
  `incident ${page?.incidentId} shows its page already, by the rule ${ruleArn}`;

const tooFew = (fleet: string, servers: readonly ServerFacts[]): string =>
  `${cutOffOf(servers)} of ${servers.length} servers of fleet ${fleet} are known to be cut off from the store: the page would take the others away from their users`;

/** Its rules have the incident's id in a tag: whatever ends the runbook, they are found by it. */
export function createReLoginPage(ports: ReLoginPagePorts): Mitigation<Undo> {
  const { fleets, installation, rules, readServers, witnesses, areHurt, longestMs, now } = ports;
  /** Those of the plan: a target group that somebody has taken out of its listener since names none, and the page would stay. */
  const listenersIn = async ({ targetGroupArn, pages }: Undo, fleet: string): Promise<readonly FoundListener[]> => {
    const arns = [...new Set(pages.map(({ listenerArn }) => listenerArn))];
    const found = await Promise.all(arns.map((arn) => rules.listenerAt(arn, targetGroupArn, fleets[fleet]?.drainTargetGroupArn)));
    return found.filter((one) => one !== undefined);
  };
  const whyNot = async (fleet: string) => {
    const servers = await askServers(readServers)(fleet);
    return whyNotAway(witnesses, { fleet, servers, few: tooFew(fleet, servers) });
  };
  const tagsOf = (fleet: string, incidentId: string): PageTags => ({ fleet: fleetTagValue(installation, fleet), incidentId });

  return {
    async plan(target) {
      const { name, targetGroupArn, drainTargetGroupArn, reLoginPage: page } = fleetOf(fleets, target);
      if (page === undefined) return { refused: `fleet ${name} has no reLoginPage in its configuration` };
      const why = await whyNot(name);
      if (why !== undefined) return { refused: why };
      const listeners = await rules.listenersOf(targetGroupArn, drainTargetGroupArn);
      const other = listeners
        .flatMap((one) => one.rules)
        .find(({ page: shown }) => shown !== undefined && shown.incidentId !== target.incidentId);
      if (other) return { refused: whyTaken(other) };
      const tags = tagsOf(name, target.incidentId);
      const untouched = listeners.map((one) => ({ ...one, rules: one.rules.filter((rule) => !isPageOf(rule, tags)) }));
      const chosen = chooseRules(untouched, page, QUOTA);
      if ('refused' in chosen) return { refused: `the page of fleet ${name} cannot be shown: ${chosen.refused}` };
      return {
        calls: chosen.rules.map((rule) => ({
          service: 'elbv2',
          operation: 'CreateRule',
          input: pageRule(rule, reLoginHtml(page), tags, targetGroupArn),
        })),
        effect: `users of fleet ${name} see a page with status 503 that tries again by itself, until most servers work with the store again; no request of theirs reaches a server meanwhile${page.spare?.length ? `, but for ${page.spare.join(', ')}` : ''}`,
        undo: { targetGroupArn, pages: chosen.rules },
      };
    },
    async ready({ fleet = '' }, _plan, plannedAtMs) {
      if (now() - plannedAtMs < CUT_OFF_FOR_MS) return 'WAIT';
      const why = await whyNot(fleet);
      if (why !== undefined) return { refused: why };
      if (await areHurt(fleet)) return 'DONE';
      if (now() - plannedAtMs < HURT_WITHIN_MS) return 'WAIT';
      return {
        refused: `the load balancer shows no users of fleet ${fleet} who lose their session or are refused: the page would hurt them`,
      };
    },
    async act(target, plan) {
      const { targetGroupArn, pages } = plan.undo;
      const { name, reLoginPage } = fleetOf(fleets, target);
      if (reLoginPage === undefined)
        throw new MitigationRefused(`fleet ${name} no longer has a reLoginPage in its configuration; nothing was changed`);
      const tags = tagsOf(name, target.incidentId);
      const listeners = await listenersIn(plan.undo, name);
      const shown = pagesOf(listeners);
      const there = shown.filter((rule) => isPageOf(rule, tags));
      // Another incident can have planned its page in the same minutes.
      const other = shown.find(({ page }) => page?.incidentId !== target.incidentId);
      if (there.length === 0) refuseFor(whyInTheWay(listeners, pages) ?? (other && whyTaken(other)));
      for (const page of pages) {
        if (isIn(there, page)) continue;
        if (await rules.create(page, reLoginHtml(reLoginPage), tags, targetGroupArn)) continue;
        // A repeated call whose first answer was lost is refused by its own rule.
        const now = pagesOf(await listenersIn(plan.undo, name)).filter((rule) => isPageOf(rule, tags));
        if (isIn(now, page)) continue;
        for (const { ruleArn } of now) await rules.delete(ruleArn);
        throw new MitigationRefused(
          `priority ${page.priority} of ${page.listenerArn} was taken meanwhile; what was created of the page is removed again`,
        );
      }
    },
    async verify({ incidentId, fleet = '' }, plan) {
      const { pages } = plan.undo;
      const listeners = await listenersIn(plan.undo, fleet);
      const tags = tagsOf(fleet, incidentId);
      const there = pagesOf(listeners).filter((rule) => isPageOf(rule, tags));
      const inTheWay = whyInTheWay(listeners, pages);
      if (inTheWay !== undefined) return { verdict: 'DONE', isHandedOver: true, detail: inTheWay };
      const first = pages.find((page) => !isIn(there, page));
      if (first === undefined) return { verdict: 'DONE', detail: `the page is shown by ${there.map(({ ruleArn }) => ruleArn).join(', ')}` };
      return { verdict: 'WAIT', detail: `no rule with priority ${first.priority} is on ${first.listenerArn} yet` };
    },
    async undo({ incidentId, fleet = '' }, plan) {
      const tags = tagsOf(fleet, incidentId);
      const there = pagesOf(await listenersIn(plan.undo, fleet)).filter((rule) => isPageOf(rule, tags));
      // The page comes last of its rules, and goes first: a path that it spares is never without its rule.
      for (const { ruleArn } of there.toReversed()) await rules.delete(ruleArn);
    },
    settlesMs: SETTLES_MS,
    longestMs,
    needed: async ({ fleet = '' }) => isStillAway(witnesses, fleet, await askServers(readServers)(fleet)),
  };
}
