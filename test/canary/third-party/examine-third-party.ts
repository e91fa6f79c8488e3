/** Applications that are not this project's: what a run of the canary finds, and what it was to find. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import type { CanaryReport } from '../../../functions/canary/contract/findings.ts';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { USERS } from '../recipes.ts';
import { findingsOf, runQuickly } from '../run-quickly.ts';
import { startDjangoAdmin } from './django-admin.ts';
import { startProxy } from './proxy.ts';
import type { Server } from './servers.ts';
import { startTomcatExamples } from './tomcat-examples.ts';

export type ThirdParty = 'tomcat-examples' | 'django-admin';
const APPS: Readonly<Record<ThirdParty, { cookie: string; start: typeof startDjangoAdmin }>> = {
  'tomcat-examples': { cookie: 'JSESSIONID', start: startTomcatExamples },
  'django-admin': { cookie: 'sessionid', start: startDjangoAdmin },
};
export const THIRD_PARTIES = Object.keys(APPS) as ThirdParty[];
/** Their answers take longer than the examples'. */
const SPEED = 8;

/** By name, each with its reason; established by reading the application's source and documentation. */
interface Expected {
  readonly recipe: object;
  readonly findings: Readonly<Record<string, string>>;
  readonly notChecked: Readonly<Record<string, string>>;
  readonly notices: Readonly<Record<string, string>>;
}

export interface ThirdPartyResult {
  readonly app: ThirdParty;
  /** Names of findings; sorted, as all of these are. */
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** Names of checks. */
  readonly notChecked: readonly string[];
  /** What differs from the file: nothing, where all is as expected. */
  readonly differences: readonly string[];
}

export async function examineThirdParty(
  app: ThirdParty,
): Promise<{ result: ThirdPartyResult; report: CanaryReport; ids: ReadonlySet<string> }> {
  const expected = JSON.parse(await readFile(path.join(import.meta.dirname, 'expected', `${app}.json`), 'utf8')) as Expected;
  const folder = await mkdtemp(path.join(tmpdir(), `canary-${app}-`));
  let servers: readonly Server[] = [];
  try {
    const { caPem, issue } = await createCertificateAuthority(folder);
    servers = await APPS[app].start(folder, USERS);
    const proxy = await startProxy(
      await issue(['localhost']),
      servers.map(({ port }) => port),
      APPS[app].cookie,
    );
    try {
      const recipe = recipeSchema.parse({ ...expected.recipe, http: proxy.httpUrl });
      const report = await runQuickly({ url: proxy.url, recipe, ca: caPem, extras: ['race', 'samples'], speed: SPEED });
      return { result: compare(app, expected, report), report, ids: proxy.ids };
    } finally {
      await proxy.stop();
    }
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

function compare(app: ThirdParty, expected: Expected, report: CanaryReport): ThirdPartyResult {
  const checksThat = (result: string) =>
    [...new Set(report.lines.filter((line) => line.result === result).map(({ check }) => check))].sort();
  const seen = { findings: [...findingsOf(report)], notChecked: checksThat('not-checked'), notices: checksThat('notice') };
  const differences = (['findings', 'notChecked', 'notices'] as const).flatMap((kind) => {
    const wanted = Object.keys(expected[kind]);
    return [
      ...wanted.filter((name) => !seen[kind].some((one) => one === name)).map((name) => `${kind}: ${name} is missing`),
      ...seen[kind].filter((name) => !wanted.includes(name)).map((name) => `${kind}: ${name} was not expected`),
    ];
  });
  return { app, expected: Object.keys(expected.findings).sort(), found: seen.findings, notChecked: seen.notChecked, differences };
}
