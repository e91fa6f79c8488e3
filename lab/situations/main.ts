/** `npm run situations`: what a runbook says in situations whose expectation was written before it was run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endWith, printJson, printNote, table } from '../../cli/output.ts';
import type { Evidence } from '../../functions/incidents/contract/evidence.ts';
import { textOf } from '../../functions/incidents/report/text.ts';
import { judge, type Result, summarize } from './judge.ts';
import { judgeEvidence, type Outcome } from './judge-evidence.ts';
import { differencesFromJudged, foundOf, writeJudged } from './judged.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { type CaseFile, OWN, readCases } from './read-situations.ts';
import { collectEvidence } from './run-situation.ts';
import type { Situation } from './situation.ts';
import { removeOthers, storedEvidence, storeEvidence } from './stored-evidence.ts';
import { randomOf } from './world/random.ts';
import { differencesFromToday, readWrongToday } from './wrong-today.ts';

const main = async (options: Options): Promise<number> => {
  const folder = options.from === undefined ? OWN : path.resolve(options.from);
  const files = await readCases(folder);
  const all = files.flatMap(({ situations }) => situations);
  const unknown = options.only.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new TypeError(`--only ${unknown} is no situation of ${folder}: they are ${all.map(({ name }) => name).join(', ')}`);
  const chosen = inOrder(options.only.length === 0 ? all : all.filter(({ name }) => options.only.includes(name)), options.seed);
  const stored = options.replay ? Object.assign({}, ...files.map(storedEvidence)) : undefined;
  const evidenceOf = async (situation: Situation): Promise<Evidence> => {
    if (stored === undefined) return collectEvidence(situation, options.seed);
    return (
      stored[situation.name] ?? fail(`${situation.name} has no stored evidence: npm run situations -- --record --only ${situation.name}`)
    );
  };
  if (options.page !== undefined) {
    for (const situation of chosen) process.stdout.write(printedPage(await judgeEvidence(situation, await evidenceOf(situation))));
    return 0;
  }
  if (options.pages !== undefined) mkdirSync(options.pages, { recursive: true });
  const results: Result[] = [];
  const changed: string[] = [];
  const notes: string[] = [];
  const collected = new Map<string, Evidence>();
  for (const [index, situation] of chosen.entries()) {
    const evidence = await evidenceOf(situation);
    collected.set(situation.name, evidence);
    const { page } = await judgeEvidence(situation, evidence, options.first);
    if (options.pages !== undefined) writeFileSync(path.join(options.pages, `${situation.name}.json`), JSON.stringify(page, undefined, 1));
    const result = judge(situation, page);
    if (options.first) {
      const last = judge(situation, (await judgeEvidence(situation, evidence)).page);
      if (foundOf(result) !== foundOf(last)) changed.push(`${situation.name}: ${foundOf(result)}, then ${foundOf(last)}`);
    }
    results.push(result);
    // What was collected until then is kept where the run is ended.
    if (options.record && fileOf(files, chosen[index + 1]) !== fileOf(files, situation)) {
      notes.push(...store(fileOf(files, situation), collected));
      collected.clear();
    }
    printNote(
      `${String(index + 1).padStart(3)} of ${chosen.length}  ${verdictOf(result).padEnd(16)} ${situation.name}: ${foundOf(result)}`,
    );
  }
  if (options.record) removeOthers(files);
  const summary = summarize(results);
  // Others' situations have no list of today's.
  const isOwn = options.from === undefined;
  const unexpected: string[] = isOwn
    ? [...differencesFromToday(summary, readWrongToday(), chosen)]
    : [...summary.certainWrong, ...summary.affectedDenied, ...summary.hurtWrongly].map(
        (name) => `${name} is certain and wrong, denies that users are hurt, or says that they are where nobody is`,
      );
  if (options.accept) writeJudged(results);
  else if (options.replay) unexpected.push(...differencesFromJudged(results));
  if (options.json) printJson({ ...summary, ...(options.first && { changedByRecheck: changed }) });
  else process.stdout.write(`${table(rowsOf(results, summary))}\n`);
  for (const line of [...notes, ...unexpected, ...(options.json ? [] : changed)]) printNote(line);
  return unexpected.length === 0 ? 0 : 1;
};

const fail = (message: string): never => {
  throw new TypeError(message);
};

const fileOf = (files: readonly CaseFile[], situation: Situation | undefined): CaseFile | undefined =>
  files.find(({ situations }) => situations.some((one) => one === situation));

const store = (file: CaseFile | undefined, collected: ReadonlyMap<string, Evidence>): readonly string[] =>
  file === undefined ? [] : storeEvidence(file, collected).map((name) => `${name} has other evidence than before`);

/** The message and the page, as people get them. */
const printedPage = ({ page, message }: Outcome): string =>
  `${message.subject}\n\n${message.text}\n\n${'='.repeat(100)}\n\n${textOf(page)}\n`;

function inOrder(situations: readonly Situation[], seed: string | undefined): readonly Situation[] {
  if (seed === undefined) return situations;
  const drawn = new Map(situations.map((one) => [one, randomOf(`${seed} ${one.name}`)()]));
  return situations.toSorted((a, b) => (drawn.get(a) ?? 0) - (drawn.get(b) ?? 0));
}

function verdictOf({ isCertainWrong, isDenied, isNamed, isUnknownRight, isNothingRight, isHurtWrongly, hasRow }: Result): string {
  if (isCertainWrong) return isDenied ? 'WRONG, DENIED' : 'CERTAIN, WRONG';
  if (isDenied) return 'DENIED';
  if (isHurtWrongly) return 'HURT, WRONG';
  if (hasRow ? isNamed : isUnknownRight || isNothingRight) return 'right';
  return hasRow && isUnknownRight ? 'not named' : 'wrong, not sure';
}

function rowsOf(results: readonly Result[], summary: ReturnType<typeof summarize>): string[][] {
  const count = (what: string, value: number | readonly string[]) => [what, String(typeof value === 'number' ? value : value.length)];
  const wrong = results.filter(({ isCertainWrong, isDenied, isHurtWrongly }) => isCertainWrong || isDenied || isHurtWrongly);
  return [
    count('situations', summary.situations),
    count('whose cause a row has', summary.withRow),
    count('of these named right', summary.named),
    count('others that are unknown, rightly', summary.unknownRight),
    count('nothing, rightly', summary.nothingRight),
    count('certain and wrong', summary.certainWrong),
    count('hurt users denied', summary.affectedDenied),
    count('hurt, says the page, and nobody is', summary.hurtWrongly),
    ...wrong.map((one) => [`  ${one.name}`, `${foundOf(one)}: ${one.urgency}`]),
  ];
}

await endWith(async () => {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== 'help') return await main(options);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    printNote((error as Error).message);
    return error instanceof TypeError ? 2 : 1;
  }
});
