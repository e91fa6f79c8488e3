/** The drain rule as each node of the load balancer knows it, and the group behind it. */
import { compileRules } from '#local-aws/elbv2/data-plane/route-request.ts';
import type { Rule, TargetGroup } from '#local-aws/elbv2/resources.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { PlaceOfRequest } from './traffic/places.ts';

/** A node follows a changed rule at the latest after this; the deploy's settings are made for 60 s. */
const LONGEST_RULE_LAG_MS = 50_000;
/** Within this a deploy sets a rule again that a deployment of the templates has reset: its next look comes within half a minute. */
const SET_AGAIN_WITHIN_MS = 40_000;
/** From a request that the last node has sent elsewhere to its answer, from which its user learns that the session is lost. */
const LONGEST_ANSWER_MS = 25_000;

export interface Pins {
  readonly group: TargetGroup;
  /** The rule has been changed. */
  readonly changed: () => void;
  /** The pattern of the sessions that the rule takes now; undefined while it takes none. */
  readonly pattern: () => string | undefined;
  /** Whether a node sends this request to the drain group, by all conditions of the rule. @param aheadMs how early the node learns of changes */
  readonly takes: (request: PinnableRequest, aheadMs: number) => boolean;
  /** As a deployment of the templates does: the rule takes no session any more. False where it takes none. */
  readonly reset: () => boolean;
  /** Whether users can find now that nodes followed such a reset, until they followed the deploy that has set the rule again in time. */
  readonly followsReset: () => boolean;
}

/** What a request has that conditions of the rule can be about. */
export interface PinnableRequest extends PlaceOfRequest {
  /** The application's own. */
  readonly cookies: string;
}

export function createPins(kernel: Kernel, group: TargetGroup, rule: Rule): Pins {
  const pattern = () => {
    const cookie = rule.conditions.find((condition) => condition.field === 'http-header' && condition.name.toLowerCase() === 'cookie');
    return cookie?.field === 'http-header' ? cookie.regexValues[0] : undefined;
  };
  const neutral = rule.conditions;
  let reset: { readonly atMs: number; againMs?: number } | undefined;
  const matcher = () => {
    const find = compileRules([rule]);
    return ({ host, path, cookies }: PinnableRequest) =>
      find({ method: 'GET', host, path, query: '', headers: { cookie: [cookies] }, sourceIp: '192.0.2.1' }) !== undefined;
  };
  const history = [{ atMs: Number.NEGATIVE_INFINITY, matches: matcher() }];
  const changed = () => {
    const now = pattern();
    const isInTime = reset !== undefined && kernel.now() - reset.atMs <= SET_AGAIN_WITHIN_MS;
    // Else it is another server's turn.
    if (reset !== undefined && now !== undefined && isInTime) reset.againMs ??= kernel.now();
    history.push({ atMs: kernel.now(), matches: matcher() });
    kernel.note('drain rule', now ?? 'takes no session');
  };
  return {
    group,
    pattern,
    changed,
    takes(request, aheadMs) {
      const knownMs = kernel.now() - (LONGEST_RULE_LAG_MS - aheadMs);
      return history.findLast(({ atMs }) => atMs <= knownMs)?.matches(request) ?? false;
    },
    reset() {
      if (pattern() === undefined) return false;
      reset = { atMs: kernel.now() };
      rule.conditions = neutral;
      changed();
      return true;
    },
    followsReset() {
      if (reset === undefined) return false;
      const { atMs, againMs } = reset;
      return kernel.now() <= (againMs === undefined ? atMs + SET_AGAIN_WITHIN_MS : againMs + LONGEST_RULE_LAG_MS + LONGEST_ANSWER_MS);
    },
  };
}
