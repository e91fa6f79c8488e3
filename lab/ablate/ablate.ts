/**
 * Which cases change where an element of a table is taken out: alone, and, of those that change none, in pairs within their row, since two that say
 * the same hide each other. A case is its finding (what, how sure) and its first step.
 */
import { classify } from '../../functions/incidents/classify/classify.ts';
import type { Evidence } from '../../functions/incidents/contract/evidence.ts';
import type { Step } from '../../functions/incidents/report/incident-page.ts';
import { judgeEvidence } from '../situations/judge-evidence.ts';
import type { Situation } from '../situations/situation.ts';
import { type Element, elementsOf } from './elements.ts';
import { readByPage, rememberFacts, stepName, TABLES } from './tables.ts';

export interface Case {
  readonly situation: Situation;
  readonly evidence: Evidence;
}

export interface Measured {
  readonly element: string;
  readonly field: string;
  readonly asks?: string | undefined;
  /** Names of situations. */
  readonly alone: readonly string[];
  /** The other one of a pair, and what both change together, though neither does alone. */
  readonly pairs: Readonly<Record<string, readonly string[]>>;
}

/** @param cases gives each twice: once for single elements, once for pairs of those that changed nothing @param note of progress */
export async function ablate(cases: () => Iterable<Case>, note: (text: string) => void): Promise<readonly Measured[]> {
  const forget = rememberFacts();
  try {
    const elements = TABLES.flatMap(elementsOf);
    const { alone, first } = await singly(cases(), elements, note);
    const inert = elements.filter(({ name, field }) => field !== 'row' && !alone.has(name));
    const pairs = await inPairs(cases(), inert, note);
    return [
      ...elements.map(({ name, field, asks }) => ({
        ...{ element: name, field, alone: alone.get(name) ?? [], pairs: pairs.get(name) ?? {} },
        ...(asks !== undefined && { asks }),
      })),
      ...[...first.keys()].toSorted().map((name) => ({ element: name, field: 'step', alone: first.get(name) ?? [], pairs: {} })),
    ];
  } finally {
    forget();
  }
}

/** By element, and by step: names of situations. */
async function singly(cases: Iterable<Case>, elements: readonly Element[], note: (text: string) => void) {
  const alone = new Map<string, string[]>();
  const first = new Map<string, string[]>();
  const add = (all: Map<string, string[]>, name: string, one: Case) => all.set(name, [...(all.get(name) ?? []), one.situation.name]);
  for (const one of cases) {
    const base = await baseOf(one);
    for (const [at, step] of base.all.entries()) {
      const name = stepName(step);
      if (at === 0) add(first, name, one);
      else first.set(name, first.get(name) ?? []);
    }
    for (const element of elements) if (await isChanged(one, base, [element])) add(alone, element.name, one);
    note(`alone: ${one.situation.name}`);
  }
  return { alone, first };
}

async function inPairs(cases: Iterable<Case>, inert: readonly Element[], note: (text: string) => void) {
  const pairs = [...Map.groupBy(inert, ({ row }) => row).values()].flatMap((row) =>
    row.flatMap((one, at) => row.slice(at + 1).map((other) => [one, other] as const)),
  );
  const together = new Map<string, Record<string, string[]>>();
  const add = ({ name }: Element, { name: other }: Element, { situation }: Case) => {
    const known = together.get(name) ?? {};
    together.set(name, { ...known, [other]: [...(known[other] ?? []), situation.name] });
  };
  for (const one of cases) {
    const base = await baseOf(one);
    for (const [left, right] of pairs)
      if (await isChanged(one, base, [left, right])) {
        add(left, right, one);
        add(right, left, one);
      }
    note(`in pairs: ${one.situation.name}`);
  }
  return together;
}

interface Base {
  readonly key: string;
  readonly result: string;
  readonly step: string;
  readonly all: readonly Step[];
  /** First steps by key, as far as they are known. */
  readonly steps: Map<string, string>;
}

/** What of a finding makes the page's first step; its reasons are only shown. */
function keyOf({ situation, evidence }: Case): Pick<Base, 'key' | 'result'> {
  const found = classify(evidence, situation.runbook);
  if (found.verdict !== 'cause') return { key: found.verdict, result: found.verdict };
  const { cause, confidence, sinceMs, about } = found;
  return { key: JSON.stringify([cause, confidence, sinceMs, about, readByPage(cause, evidence)]), result: `${cause} ${confidence}` };
}

async function baseOf(one: Case): Promise<Base> {
  const [found, all] = [keyOf(one), await stepsOf(one)];
  const step = all[0]?.text ?? '';
  return { ...found, all, step, steps: new Map([[found.key, step]]) };
}

/** Through the steps of a run, as it is judged everywhere else. */
const stepsOf = async ({ situation, evidence }: Case): Promise<readonly Step[]> => (await judgeEvidence(situation, evidence)).page.next;

async function isChanged(one: Case, base: Base, removed: readonly Element[]): Promise<boolean> {
  if (!removed.some(({ concerns }) => concerns(one.situation.runbook))) return false;
  const back = removed.map((element) => element.remove());
  try {
    const { key, result } = keyOf(one);
    if (result !== base.result) return true;
    const step = base.steps.get(key) ?? (await stepsOf(one))[0]?.text ?? '';
    base.steps.set(key, step);
    return step !== base.step;
  } finally {
    for (const putBack of back.toReversed()) putBack();
  }
}
