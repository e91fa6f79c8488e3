/** Which rules show the page: on which listeners, with which priority. Pure. */

import { sumOf } from '../../shared/arithmetic.ts';
import { escapeMarkup } from '../../shared/escape-markup.ts';
import { LOWEST_PRIORITY, MOST_VALUES_OF_A_CONDITION, type ReLoginPage } from '../contract/environment.ts';

/**
 * The body of a fixed response with status 503; it loads nothing. Its script asks for the same address from time to time and opens it once
 * the answer is another one, so that no form is sent again. The address has its origin: a path that begins with two slashes is that of
 * another site. A redirect is an answer, and not followed: a sign-on of another site would let no script read it.
 */
export function reLoginHtml(page: Omit<ReLoginPage, 'hosts' | 'paths' | 'spare' | 'priorities'>): string {
  const { language, title, message, retry, retrySeconds } = page;
  const seconds = Math.round(retrySeconds);
  return [
    `<!doctype html><html lang="${escapeMarkup(language)}"><meta charset=utf-8>`,
    '<meta name=viewport content="width=device-width">',
    `<title>${escapeMarkup(title)}</title>`,
    `<noscript><meta http-equiv=refresh content=${seconds}></noscript>`,
    '<style>html{color-scheme:light dark;background:canvas}body{font:1.1em/1.5 sans-serif;max-width:34em;margin:12vh auto;padding:1em}</style>',
    `<main><h1>${escapeMarkup(title)}</h1><p role=status>${escapeMarkup(message)}</p><p><a href="">${escapeMarkup(retry)}</a></p></main>`,
    // From half of the time to one and a half: browsers that were refused together do not come back together.
    `<script>const l=location,u=l.origin+l.pathname+l.search,t=()=>setTimeout(()=>fetch(u,{method:'HEAD',cache:'no-store',redirect:'manual'}).then(r=>r.status==503?t():l.replace(u),t),${seconds * 500}+Math.random()*${seconds * 1_000});t()</script></html>`,
  ].join('');
}

/** Without the default one. A request has to match one value of every list; a list without values takes any. */
export interface ListenerRule {
  readonly priority: number;
  readonly hosts: readonly (readonly string[])[];
  readonly paths: readonly (readonly string[])[];
  /** It forwards to the fleet's target group, or to its drain group. */
  readonly forwards: boolean;
  /** It authenticates users, or asks for more than host and path (a header, an address): a path in front of it would be without. */
  readonly guarded?: true;
}

export interface ListenerRules {
  readonly listenerArn: string;
  readonly forwardsByDefault: boolean;
  readonly guardedByDefault?: true;
  readonly rules: readonly ListenerRule[];
}

export interface PageRule {
  readonly listenerArn: string;
  readonly priority: number;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  /** It forwards to the fleet as before, in front of the page. */
  readonly spares?: true;
}

export type ChosenRules = { readonly rules: readonly PageRule[] } | { readonly refused: string };

/** The lowest free priority above the rules that forward what it covers. @param listeners all: the quota counts their rules */
export function chooseRules(listeners: readonly ListenerRules[], page: ReLoginPage, quota: number): ChosenRules {
  const forwarding = listeners.filter((listener) => isInFront(listener, page));
  if (forwarding.length === 0) return { refused: "no listener forwards to the fleet's target group what the re-login page covers" };
  const used = sumOf(listeners, ({ rules }) => rules.length);
  const { spare = [] } = page;
  const shown = conditionsOf(page.hosts, page.paths);
  const spared = spare.flatMap((path) => conditionsOf(page.hosts, [path])).map((one) => ({ ...one, spares: true as const }));
  const own = [...shown, ...spared];
  const needed = forwarding.length * own.length;
  if (used + needed > quota)
    return {
      refused: `the load balancer has ${used} of ${quota} rules, and the re-login page needs ${needed}: delete unused rules, or request a higher quota`,
    };
  const guarded = spare.length > 0 ? forwarding.find((listener) => isGuarded(listener, page)) : undefined;
  if (guarded)
    return {
      refused: `a rule of ${guarded.listenerArn} authenticates users, or asks for more than host and path, and a spared path would be served without that: leave incidents.reLoginPage.spare out`,
    };
  const rules: PageRule[] = [];
  for (const listener of forwarding) {
    const free = lowestFree(listener, page, own.length);
    if (free.length < own.length) return { refused: whyNone(listener, page) };
    const { listenerArn } = listener;
    // The load balancer takes the lowest number first: what is spared comes before the page.
    rules.push(...own.map((one, at) => ({ listenerArn, priority: free[at] ?? 0, ...one })).toReversed());
  }
  return { rules };
}

type Covered = Pick<ReLoginPage, 'hosts' | 'paths'>;

export const isInFront = ({ forwardsByDefault, rules }: ListenerRules, page: Covered): boolean =>
  forwardsByDefault || rules.some((rule) => rule.forwards && meets(page, rule));

const conditionsOf = (hosts: readonly string[], paths: readonly string[]) =>
  inConditions(hosts).flatMap((some) => inConditions(paths).map((others) => ({ hosts: some, paths: others })));

function inConditions(values: readonly string[]): readonly (readonly string[])[] {
  const count = Math.max(1, Math.ceil(values.length / MOST_VALUES_OF_A_CONDITION));
  return Array.from({ length: count }, (_, at) => values.slice(at * MOST_VALUES_OF_A_CONDITION, (at + 1) * MOST_VALUES_OF_A_CONDITION));
}

const isGuarded = ({ forwardsByDefault, guardedByDefault, rules }: ListenerRules, page: ReLoginPage): boolean =>
  (forwardsByDefault && guardedByDefault === true) || rules.some((rule) => rule.forwards && rule.guarded === true && meets(page, rule));

/** The page has to come before the first rule that forwards what it covers. */
const ceiling = ({ rules }: ListenerRules, page: ReLoginPage): number =>
  Math.min(LOWEST_PRIORITY + 1, ...rules.filter((rule) => rule.forwards && meets(page, rule)).map(({ priority }) => priority));

function lowestFree(listener: ListenerRules, page: ReLoginPage, count: number): readonly number[] {
  const found: number[] = [];
  const taken = new Set(listener.rules.map(({ priority }) => priority));
  for (let priority = Math.min(page.priorities.last, ceiling(listener, page) - 1); priority >= page.priorities.first; priority -= 1) {
    if (!taken.has(priority)) found.push(priority);
    if (found.length === count) break;
  }
  return found;
}

function whyNone(listener: ListenerRules, page: ReLoginPage): string {
  const { first, last } = page.priorities;
  const below = ceiling(listener, page);
  const above = below > LOWEST_PRIORITY ? '' : ` above the rule with priority ${below}, which forwards to the fleet`;
  return `no priority from ${first} to ${last} of ${listener.listenerArn} is free${above}: free one, or set incidents.reLoginPage.priorities`;
}

/** Whether some request meets the conditions of both; in doubt it does. */
const meets = (page: Covered, rule: ListenerRule): boolean =>
  rule.hosts.every((values) => overlap(page.hosts, values)) && rule.paths.every((values) => overlap(page.paths, values));

/** No value takes anything. Two patterns can meet in ways that are not worth finding out: they count as meeting. */
function overlap(one: readonly string[], other: readonly string[]): boolean {
  if (one.length === 0 || other.length === 0) return true;
  return one.some((a) => other.some((b) => (isPattern(a) && isPattern(b)) || matches(a, b) || matches(b, a)));
}

const isPattern = (value: string): boolean => /[*?]/.test(value);

function matches(pattern: string, value: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(value.toLowerCase());
}
