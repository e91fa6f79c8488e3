import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { NoAnswer, RecipeFailed } from '../../functions/canary/contract/errors.ts';
import type { Extra } from '../../functions/canary/contract/findings.ts';
import { isSessionSent, passwordIn, readRecipe } from '../../functions/canary/contract/read-recipe.ts';
import { FRONT, type PasswordSource, passwordSources, type Recipe } from '../../functions/canary/contract/recipe.ts';
import { makeReport } from '../../functions/canary/findings/make-report.ts';
import { type Clock, createPace, MOST_REQUESTS } from '../../functions/canary/http/pace.ts';
import { createSend } from '../../functions/canary/http/send.ts';
import type { Plan } from '../../functions/canary/run.ts';
import { planRun, runCanary } from '../../functions/canary/run-canary.ts';
import { Site, type Traced } from '../../functions/canary/site/site.ts';
import { parseUrl } from '../../functions/shared/urls.ts';
import { badInput, CommandFailure, EXIT, exitCodeBy, type FailOn } from '../failure.ts';
import type { Output } from '../output.ts';
import { requireRegion } from '../require-region.ts';
import { printedJar } from './printed-jar.ts';
import { renderReport, withFixes } from './render-report.ts';

export interface CanaryOptions {
  /** File of the recipe. */
  readonly login: string;
  readonly with?: readonly Extra[];
  readonly dryRun?: boolean;
  /** Prints each request of the controls. */
  readonly verbose?: boolean;
  readonly failOn?: FailOn;
  /** Region of the secrets that hold the users' passwords. */
  readonly region?: string;
}

export const CLOCK: Clock = { now: Date.now, sleep: (ms) => sleep(ms) };

/** Examines the sessions of the site at `url` from outside. @returns the exit code of the worst finding */
export async function canary(url: string, options: CanaryOptions, output: Output): Promise<number> {
  const plan: Plan = { base: siteAddress(url), recipe: readRecipe(readFile(options.login), options.login), extras: options.with ?? [] };
  if (options.region !== undefined) await requireRegion(options.region);
  if (options.dryRun) {
    const planned: Planned = { url: plan.base.href, ...planRun(plan), mostRequests: MOST_REQUESTS, missing: missingVariables(plan.recipe) };
    output.result(planned, () => renderPlan(planned));
    return 0;
  }
  const passwords = await readPasswords(plan.recipe, options.region);
  const pace = createPace(createSend(), CLOCK, plan.recipe.policy);
  const site = new Site(plan.base, plan.recipe, {
    pace,
    clock: CLOCK,
    passwords,
    jarOf: (user) => printedJar(plan.recipe.jar ?? [], user),
    ...(options.verbose && { trace: (traced: Traced) => output.progress(traceLine(traced)) }),
  });
  output.print(`canary of ${plan.base.origin}: at most 2 requests a second, two to four minutes`);
  if (isSessionSent(plan.recipe)) output.print(withoutCookies(plan));
  const count = planRun(plan).checks.filter(({ whyNot }) => whyNot === undefined).length;
  let at = 0;
  const begins = (check: string) => output.progress(`checking ${check} (${++at} of ${count})`);
  const outcomes = await runCanary(plan, site, begins).catch((error: unknown) => {
    if (!(error instanceof RecipeFailed)) throw error;
    // No recipe helps where no answer comes: the message says what does.
    const message =
      error.cause instanceof NoAnswer
        ? `The site does not answer: ${error.message}. Nothing is known about its sessions.`
        : `The recipe does not work: ${error.message}. Nothing is known about the site's sessions. Correct ${options.login}; docs/canary.md describes each part.`;
    throw new CommandFailure('RecipeFailed', message, EXIT.failed, { cause: error });
  });
  const report = withFixes(makeReport({ url: plan.base.href, recipe: plan.recipe, sent: pace.sent }, outcomes));
  output.result(report, () => renderReport(report));
  return exitCodeBy(report.worst, options.failOn);
}

function withoutCookies(plan: Plan): string {
  const made = planRun(plan).checks.filter(({ whyNot }) => whyNot === undefined);
  return `"who" sends what the login takes. Where that alone shows the user, the session is in no cookie, and these checks remain: ${made.map(({ check }) => check).join(', ')}.`;
}

function traceLine({ place, method, address, status, location, sent, set, dropped }: Traced): string {
  const kept = set.filter((name) => !dropped.some((one) => one.name === name));
  return [
    `${place}: ${method} ${address}: ${status}${location === undefined ? '' : ` to ${location}`}`,
    ...(sent.length > 0 ? [`sent ${sent.join(', ')}`] : []),
    ...(kept.length > 0 ? [`set ${kept.join(', ')}`] : []),
    ...dropped.map(({ name, why }) => `dropped ${name}, which ${why}`),
  ].join('; ');
}

export function siteAddress(text: string): URL {
  const url = parseUrl(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === '')
    return url;
  // The value itself could hold a password.
  throw badInput('InvalidUrl', 'The URL is not an address such as https://shop.example.com/. Nothing was sent.');
}

/** @param option that names it */
export function readFile(file: string, option = '--login'): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw badInput('InvalidRecipe', `${file} cannot be read (${code}). Nothing was sent. Give ${option} the file of a recipe.`);
  }
}

interface Planned extends ReturnType<typeof planRun> {
  readonly url: string;
  readonly mostRequests: number;
  /** Variables with passwords that are not set. */
  readonly missing: readonly string[];
}

function renderPlan({ url, checks, logins, mostRequests, missing }: Planned): string {
  return [
    `canary of ${url} would run, at 2 requests a second, with at most ${mostRequests} requests and ${logins} logins:`,
    ...checks.map(({ check, whyNot }) => (whyNot === undefined ? `✓ ${check}` : `· ${check}: not checked: ${whyNot}`)),
    ...missing.map((name) => `! The environment variable ${name} is not set: a run needs the password that it has.`),
    'Nothing was sent.',
  ].join('\n');
}

const SECRET_MS = 5_000;

/** Without those of users whose login has no steps. */
const sourcesOf = (recipe: Recipe) => passwordSources(recipe).filter(([name]) => recipe.login !== undefined || name === FRONT);

/** Names of the environment variables with passwords that are not set. */
export const missingVariables = (recipe: Recipe): readonly string[] => [
  ...new Set(
    sourcesOf(recipe).flatMap(([, { environment }]) => (environment === undefined || process.env[environment] ? [] : [environment])),
  ),
];

/** Passwords by the users' names. @throws CommandFailure, which has no password */
export async function readPasswords(recipe: Recipe, region: string | undefined): Promise<ReadonlyMap<string, string>> {
  return new Map(await Promise.all(sourcesOf(recipe).map(async ([name, source]) => [name, await readPassword(source, region)] as const)));
}

async function readPassword({ environment, secret = '' }: PasswordSource, region: string | undefined): Promise<string> {
  if (environment !== undefined) {
    const password = process.env[environment];
    if (password) return password;
    throw badInput('NoPassword', `The environment variable ${environment} is not set. Nothing was sent. Set it to the user's password.`);
  }
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ ...(region !== undefined && { region }), maxAttempts: 2 });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret }), {
      abortSignal: AbortSignal.timeout(SECRET_MS),
    });
    const password = passwordIn(SecretString ?? '');
    if (password) return password;
    throw badInput('NoPassword', `The secret ${secret} has neither text nor a field "password". Nothing was sent.`);
  } finally {
    client.destroy();
  }
}
