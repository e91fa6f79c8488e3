/** The drain rule as each node of the load balancer knows it, and the group behind it. */
import type { Rule, TargetGroup } from '../../../local/aws/elbv2/resources.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** A node follows a changed rule at the latest after this; the deploy's settings are made for 60 s. */
const LONGEST_RULE_LAG_MS = 50_000;

export interface Pins {
  readonly group: TargetGroup;
  /** The rule has been changed. */
  readonly changed: () => void;
  /** Of the sessions that it takes now, by the rule itself. */
  readonly pattern: () => string | undefined;
  /** Whether a node sends a request with these cookies to the drain group. @param aheadMs how early the node learns of changes */
  readonly takes: (cookies: string, aheadMs: number) => boolean;
}

export function createPins(kernel: Kernel, group: TargetGroup, rule: Rule): Pins {
  const pattern = () => {
    const cookie = rule.conditions.find((condition) => condition.field === 'http-header' && condition.name.toLowerCase() === 'cookie');
    return cookie?.field === 'http-header' ? cookie.regexValues[0] : undefined;
  };
  const history: { readonly atMs: number; readonly expression: RegExp | undefined }[] = [];
  return {
    group,
    pattern,
    changed() {
      const now = pattern();
      // As the load balancer compares: without regard to case.
      history.push({ atMs: kernel.now(), expression: now === undefined ? undefined : new RegExp(now, 'i') });
      kernel.note('drain rule', now ?? 'takes no session');
    },
    takes(cookies, aheadMs) {
      const knownMs = kernel.now() - (LONGEST_RULE_LAG_MS - aheadMs);
      return history.findLast(({ atMs }) => atMs <= knownMs)?.expression?.test(cookies) ?? false;
    },
  };
}
