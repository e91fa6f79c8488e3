/** The session gate of a fleet's own deploys: whether it has one, or what it lacks for it. Pure. */
import { readRecipe } from '../../functions/canary/contract/read-recipe.ts';
import type { Recipe } from '../../functions/canary/contract/recipe.ts';
import { GATE_ON } from '../../functions/deploy/contract/environment.ts';
import { GATE_LIMITS } from '../../functions/gate/contract.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import type { CanaryConfig } from './canary.ts';
import { createsLoadBalancer, createsTargetGroup, type FleetConfig } from './fleet.ts';
import { reLoginPageOf } from './re-login-page.ts';

type Gated = Pick<FleetConfig, 'canary' | 'strategy' | 'existing' | 'members'>;

/** `on`, or the clause why there is none; undefined without a canary. */
export function sessionGateOf(fleet: Gated): string | undefined {
  const { canary, strategy, existing } = fleet;
  if (canary === undefined) return undefined;
  if (strategy !== 'redis') return `with strategy "${strategy}" sessions are in the servers' memory`;
  if (canary.recipe.release === undefined) return 'canary.recipe has no "release"';
  if (canary.gateUsers === undefined) return 'no users for the gate: canary.gateUsers is not set';
  if (!createsTargetGroup(fleet)) return 'the target group is not one that Holdfast creates';
  if (!createsLoadBalancer(fleet) && existing?.listenerRule?.gatePriority === undefined)
    return 'existing.listenerRule.gatePriority is not set';
  const seconds = secondsOfControls(canary.recipe);
  if (seconds >= GATE_LIMITS.seconds)
    return `by the limits in canary.recipe.policy its controls take ${seconds} s, and a gate has ${GATE_LIMITS.seconds} s`;
  return GATE_ON;
}

/** At least, before a session crosses: each release shows itself, and nobody before and after a wrong password; then each user logs in and is shown. */
function secondsOfControls({ policy = {}, login = [] }: Recipe): number {
  const { loginsPerMinute = 60, requestsPerMinute = 120 } = policy;
  return Math.ceil(Math.max((3 * 60) / loginsPerMinute, ((7 + 4 * login.length) * 60) / requestsPerMinute));
}

/** The canary's recipe, with the gate's own users: where a user can have one session, a log-in ends another. */
export const gateRecipe = ({ recipe, gateUsers }: Pick<CanaryConfig, 'recipe' | 'gateUsers'>): Recipe => ({
  ...recipe,
  ...(gateUsers && { users: gateUsers }),
});

export function sessionGateRules(fleet: FleetConfig): BrokenRule[] {
  const { canary, existing } = fleet;
  const { broken, refuse } = collectBrokenRules();
  const { priority = 1, drainPriority = priority - 1, gatePriority } = existing?.listenerRule ?? {};
  const { first, last = 0 } = reLoginPageOf(fleet)?.priorities ?? {};
  const isOnlyOneOfPage = gatePriority === first && first === Math.min(last, priority - 1);
  // A fleet that had a drain rule keeps it until its stack has the gate's.
  if (gatePriority !== undefined && (gatePriority >= priority || gatePriority === drainPriority || isOnlyOneOfPage))
    refuse(
      `is the drain rule's (${drainPriority}), the only one for the re-login page, or not above the fleet's own rule: set it to another number below ${priority}`,
      'existing',
      'listenerRule',
      'gatePriority',
    );
  if (canary?.gateUsers === undefined) return broken;
  const { users } = canary.recipe;
  const own = [users.a.name, users.b?.name];
  for (const key of ['a', 'b'] as const) {
    const { name, password } = canary.gateUsers[key];
    const path = ['canary', 'gateUsers', key];
    if (own.includes(name)) refuse('is one of the recipe: a log-in of the gate could end its session', ...path, 'name');
    if (canary.recipe.login !== undefined && password.secret === undefined)
      refuse('names an environment variable: a deploy reads it from Secrets Manager, so give "secret"', ...path, 'password');
  }
  try {
    readRecipe(JSON.stringify(gateRecipe(canary)), 'the recipe with these users');
  } catch (error) {
    refuse((error as Error).message, 'canary', 'gateUsers');
  }
  return broken;
}
