/** What a run of the canary says of an application that it had not seen, next to what another client had established. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CanaryReport } from '../../../functions/canary/contract/findings.ts';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { NotInLists } from '../../../setup/private-apt.mjs';
import { runQuickly } from '../run-quickly.ts';
import { UNSEEN, type UnseenName } from './apps.ts';
import { withUnseen } from './start-unseen.ts';
import type { Truth } from './truth/establish.ts';
import type { Unseen } from './unseen-app.ts';

/** Their answers take longer than the examples'. */
const SPEED = 8;

/** Lists have `check: finding cookie`. */
export interface UnseenResult {
  readonly app: string;
  /** Checks that apply, by the truth. */
  readonly checks: number;
  /** Those among them of which the canary says the same. */
  readonly agree: number;
  readonly falsePass: readonly string[];
  readonly falseFinding: readonly string[];
  /** Checks that apply, and were not checked. */
  readonly notCheckedWrongly: readonly string[];
  /** Why it was not examined: the registry has no such packages. */
  readonly skipped?: string;
}

export async function examineUnseen(
  name: UnseenName,
): Promise<{ result: UnseenResult; report: CanaryReport | undefined; ids: ReadonlySet<string> }> {
  const read = async (file: string) => JSON.parse(await readFile(path.join(import.meta.dirname, file), 'utf8'));
  const { checks } = (await read(`truth/established/${name}.json`)) as { checks: Truth };
  const given = await read(`recipes/${name}.json`);
  const { speed = SPEED } = UNSEEN[name] as Unseen;
  const skip = (error: unknown) => {
    if (!(error instanceof NotInLists)) throw error;
    const result: UnseenResult = { ...compareWithTruth(name, {}, { lines: [] }), skipped: error.message };
    return { result, report: undefined, ids: new Set<string>() };
  };
  return withUnseen(name, async ({ url, httpUrl, caPem, ids }) => {
    const recipe = recipeSchema.parse({ ...given, http: httpUrl });
    const report = await runQuickly({ url, recipe, ca: caPem, extras: ['samples'], speed });
    return { result: compareWithTruth(name, checks, report), report, ids };
  }).catch(skip);
}

/** A digest of the address is another in each run, and the report shows its beginning. */
const withoutDigests = (text: string): string => text.replace(/[0-9a-f]{32}|[0-9a-f]{2,}…/g, '*');

export function compareWithTruth(app: string, truth: Truth, { lines }: Pick<CanaryReport, 'lines'>): UnseenResult {
  const [falsePass, falseFinding, notCheckedWrongly]: [string[], string[], string[]] = [[], [], []];
  let [checks, agree] = [0, 0];
  for (const [check, known] of Object.entries(truth)) {
    const of = lines.filter((line) => line.check === check);
    const found = of.flatMap(({ finding, cookie }) =>
      finding === undefined ? [] : [withoutDigests(cookie ? `${finding} ${cookie}` : finding)],
    );
    const wanted = 'findings' in known ? known.findings : [];
    const missed = wanted.filter((one) => !found.includes(one));
    const more = found.filter((one) => !wanted.includes(one));
    const isOpen = of.length === 0 || of.some(({ result }) => result === 'not-checked');
    falseFinding.push(...more.map((one) => `${check}: ${one}`));
    if ('notChecked' in known) continue;
    checks += 1;
    if (isOpen && missed.length > 0) notCheckedWrongly.push(check);
    else if (isOpen && found.length === 0 && of.every(({ result }) => result !== 'holds')) notCheckedWrongly.push(check);
    else falsePass.push(...missed.map((one) => `${check}: ${one}`));
    if (missed.length === 0 && more.length === 0 && !notCheckedWrongly.includes(check)) agree += 1;
  }
  return { app, checks, agree, falsePass, falseFinding, notCheckedWrongly };
}
