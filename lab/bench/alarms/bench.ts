/** Runs cases, each with the alarms of its kind of fleet. */
import { MUST_FIRE, MUST_NOT } from './cases.ts';
import { type Case, DAY, SITE, WEEK } from './happening.ts';
import { judgeFires, judgeSilent, type Result } from './judge.ts';
import { readRules } from './read-rules.ts';
import type { AlarmProperties } from './rules.ts';
import { type Run, runCase, type Span, WATCHED_MINUTES } from './run-case.ts';

/** What must fire does so on the first day too, after some hours. */
const FIRE: Span = { before: 240, after: WATCHED_MINUTES };
const RUNS = 5;
/** A day before it lets the alarms settle. */
const ORDINARY: Span = { before: DAY, after: WEEK };

export interface BenchOptions {
  readonly only: readonly string[];
  readonly seed: string;
  /** Of what must fire. @default 5 */
  readonly runs?: number;
  /** Minutes of an ordinary week. @default all */
  readonly ordinaryMinutes?: number;
  readonly progress?: (line: string) => void;
}

export async function bench({
  only,
  seed,
  runs: wanted = RUNS,
  ordinaryMinutes = ORDINARY.after,
  progress = () => undefined,
}: BenchOptions): Promise<Result> {
  const known = new Map<string, Promise<readonly AlarmProperties[]>>();
  const rulesOf = ({ site }: Case) => {
    const { fleet, collectMinutes } = { ...SITE, ...site };
    const key = `${fleet} ${collectMinutes}`;
    const rules = known.get(key) ?? readRules(fleet, collectMinutes);
    known.set(key, rules);
    return rules;
  };
  const isChosen = ({ name }: Case) => only.length === 0 || only.includes(name);
  const mustFire: Result['mustFire'][number][] = [];
  for (const one of MUST_FIRE.filter(isChosen)) {
    const runs = [];
    for (let draw = 0; runs.length < wanted; draw += 1) {
      const run = await runCase(one, await rulesOf(one), FIRE, `${seed} ${draw}`);
      if (isAsMany(one, run)) runs.push(run);
    }
    const judged = judgeFires(one.name, runs);
    progress(`${one.name}: ${judged.secondsToAlarm === null ? 'does not fire' : `${judged.alarm} after ${judged.secondsToAlarm} s`}`);
    mustFire.push(judged);
  }
  const mustNot: Result['mustNot'][number][] = [];
  for (const one of MUST_NOT.filter(isChosen)) {
    const run = await runCase(one, await rulesOf(one), ordinarySpan(one, ordinaryMinutes), seed);
    const judged = judgeSilent(one.name, [run], one.right);
    progress(`${one.name}: ${judged.alarms.join(', ') || 'silent'}`);
    mustNot.push(judged);
  }
  return { mustFire, mustNot };
}

const ordinarySpan = ({ daysKnown }: Case, after: number): Span =>
  daysKnown === undefined ? { ...ORDINARY, after } : { before: daysKnown * DAY, after: Math.min(DAY, after) };
const isAsMany = ({ before }: Case, run: Run): boolean => before === undefined || (run.before >= before.least && run.before <= before.most);
