/** One run of the canary against an example, as it is or with a planted weakness. */
import type { CanaryReport, FindingName } from '../../functions/canary/contract/findings.ts';
import type { Recipe } from '../../functions/canary/contract/recipe.ts';
import type { Front, FrontOptions } from './front.ts';
import { COMPANIONS, PLANTS } from './plants/plants.ts';
import { recipeOf } from './recipes.ts';
import { findingsOf, runQuickly } from './run-quickly.ts';

export type Example = 'hardened-node-app' | 'node-app' | 'spring-app' | 'tomcat-app';

export const COOKIES: Readonly<Record<Example, string>> = {
  'hardened-node-app': '__Host-SID',
  'node-app': 'SID',
  'spring-app': 'SID',
  'tomcat-app': 'SID',
};

export const isJava = (example: Example): boolean => example === 'spring-app' || example === 'tomcat-app';
/**
 * Tomcats hear of a log-out from each other, through the store. The two seconds in which a server may forget a session are then 250 ms;
 * with a clock fifty times as fast they would be 40 ms, which is too few on a machine with other work.
 */
const JAVA_SPEED = 8;

/** What each example is known to lack, as it is shipped. */
export const KNOWN: Readonly<Record<Example, readonly FindingName[]>> = {
  'hardened-node-app': [],
  'node-app': ['cookie-without-prefix', 'no-hsts', 'revived-by-late-save', 'sessions-not-limited'],
  'spring-app': [],
  'tomcat-app': [],
};

/** Examples as sites over HTTPS. */
export interface Sites {
  /** Certificate of the authority that signed the sites' certificates, as PEM. */
  readonly ca: string;
  front(example: Example, options?: Pick<FrontOptions, 'plant' | 'shownAs'>): Promise<Front>;
}

export async function examine(
  sites: Sites,
  example: Example,
  planted?: keyof typeof PLANTS,
): Promise<{ readonly report: CanaryReport; readonly findings: readonly string[]; readonly front: Front }> {
  const make = planted && PLANTS[planted];
  const shownAs = planted === 'cookie-not-secure' ? COOKIES[example].replace('__Host-', '') : COOKIES[example];
  const front = await sites.front(example, make && { plant: (send) => make(COOKIES[example], send), shownAs });
  const recipe = recipeOf({ httpUrl: front.httpUrl, ...RECIPES[example], ...(planted && RECIPES_OF_PLANTS[example]?.[planted]) });
  const report = await runQuickly({
    url: front.url,
    recipe,
    ca: sites.ca,
    extras: ['race', 'samples'],
    ...(isJava(example) && { speed: JAVA_SPEED }),
  });
  return { report, findings: findingsOf(report), front };
}

const NO_PREFIX = [
  { finding: 'cookie-without-prefix', reason: 'the example keeps the name that its page in the documentation has' },
] as const;
/** Each example's own part of the recipe. */
const RECIPES = {
  'hardened-node-app': { policy: { sessionsPerUser: 3, sameSite: 'Strict' } },
  'node-app': { policy: { sessionsPerUser: 3, sameSite: 'Strict' } },
  'spring-app': { policy: { sessionsPerUser: 1, sameSite: 'Strict' }, accept: [...NO_PREFIX] },
  // It leaves limits to the application.
  'tomcat-app': { policy: { sameSite: 'Strict' }, accept: [...NO_PREFIX] },
} satisfies Readonly<Record<Example, Partial<Recipe>>>;

/** A weakness that an example has where its recipe promises more than the example does. */
const RECIPES_OF_PLANTS: Partial<Record<Example, Partial<Record<keyof typeof PLANTS, Partial<Recipe>>>>> = {
  'tomcat-app': { 'sessions-not-limited': { policy: { ...RECIPES['tomcat-app'].policy, sessionsPerUser: 3 } } },
};

/** What a run is to find of a planted weakness: itself, and what it brings with it. */
export const withCompanions = (planted: keyof typeof PLANTS): readonly string[] => [planted, ...(COMPANIONS[planted] ?? [])];
