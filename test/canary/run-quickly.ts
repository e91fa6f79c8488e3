/** Runs the canary in this process, against real servers, with a clock that goes fifty times as fast. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryReport, Extra } from '../../functions/canary/contract/findings.ts';
import type { Recipe } from '../../functions/canary/contract/recipe.ts';
import { makeReport } from '../../functions/canary/findings/make-report.ts';
import { type Clock, createPace } from '../../functions/canary/http/pace.ts';
import { createSend } from '../../functions/canary/http/send.ts';
import { runCanary } from '../../functions/canary/run-canary.ts';
import { Site } from '../../functions/canary/site/site.ts';
import { USERS } from './recipes.ts';

const SPEED = 50;
const EXAMPLES = Object.values(USERS) as unknown as readonly [string, string];

export const quickClock = (speed = SPEED): Clock => {
  const start = Date.now();
  return { now: () => start + (Date.now() - start) * speed, sleep: (ms) => sleep(ms / speed) };
};

export interface Examined {
  readonly url: string;
  readonly recipe: Recipe;
  readonly ca: string;
  readonly extras?: readonly Extra[];
  /** Passwords of users a and b. @default those of the examples' users */
  readonly passwords?: readonly [string, string];
  /** How many times as fast the canary's clock goes. @default 50 */
  readonly speed?: number;
}

export function quickSite({ url, recipe, ca, passwords = EXAMPLES }: Examined, clock = quickClock()): Site {
  const pace = createPace(createSend({ ca }), clock, { mostLogins: recipe.policy?.mostLogins });
  return new Site(new URL(url), recipe, {
    pace,
    clock,
    passwords: new Map(
      [recipe.users.a, recipe.users.b].flatMap((user) => user ?? []).map(({ name }, at) => [name, passwords[at] as string]),
    ),
    jarOf: async () => [],
  });
}

export async function runQuickly(examined: Examined): Promise<CanaryReport> {
  const site = quickSite(examined, quickClock(examined.speed));
  const { recipe, base } = site;
  const outcomes = await runCanary({ base, recipe, extras: examined.extras ?? [] }, site);
  return makeReport({ url: base.href, recipe, sent: site.pace.sent }, outcomes);
}

/** Names of the findings that the recipe does not accept. */
export const findingsOf = ({ lines }: CanaryReport): readonly string[] =>
  lines.flatMap(({ finding, accepted }) => (finding === undefined || accepted !== undefined ? [] : [finding])).sort();
