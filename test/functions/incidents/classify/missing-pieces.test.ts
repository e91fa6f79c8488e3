/**
 * A cause that is certain stays so whatever else is learnt: no missing piece could have refuted it. Evidence is mixed at random from
 * that of several causes, and pieces of it are taken away. The seeds are fixed; a failure names its own. `npm run test:full` has more of
 * them.
 */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { judgeRow } from '../../../../functions/incidents/classify/judge-row.ts';
import { rowOf } from '../../../../functions/incidents/classify/table.ts';
import { type Cause, RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence, Source } from '../../../../functions/incidents/contract/evidence.ts';
import { FULL } from '../../../e2e/full-run.ts';
import { evidence } from '../healthy-evidence.ts';
import { CASES } from './cases.ts';
import { removals, seeded } from './pieces.ts';

const SEEDS = FULL ? 800 : 60;
/** Each source of each case comes to one in so many of the others. */
const ONE_IN = FULL ? 15 : 60;
/** Of the pieces that a case can miss alone, one in so many, each of them for one case at least. */
const PIECES = FULL ? 1 : 3;

/** The causes that are certain by this evidence, in every runbook. */
const certainCauses = (partial: Evidence): readonly Cause[] =>
  RUNBOOKS.flatMap((runbook) => {
    const finding = classify(partial, runbook);
    return finding.verdict === 'cause' && finding.confidence === 'certain' ? [finding.cause] : [];
  });

/** Why a certain cause of the partial evidence is not so by all of it, if that is the case. */
function contradiction(partial: Evidence, whole: Evidence, certain = certainCauses(partial)): string | undefined {
  for (const cause of certain) {
    const row = rowOf(cause);
    if (row === undefined) return `${cause} has no row`;
    const { state, needs, refuters } = judgeRow(row, whole);
    if (state !== 'holds')
      return `${cause} is ${state}: ${[...needs.filter(({ truth }) => !truth), ...refuters.filter(({ truth }) => truth)].map(({ text }) => text).join('; ')}`;
    const better = row.yieldsTo.find((one) => {
      const other = rowOf(one);
      return other && ['holds', 'likely'].includes(judgeRow(other, whole).state);
    });
    if (better) return `${cause} yields to ${better}`;
  }
  return undefined;
}

const pick = <Item>(items: readonly Item[], random: () => number): Item => items[Math.floor(random() * items.length)] as Item;

/**
 * The evidence with each of the pieces away that it can miss, each evidence once: most of what can be missing is in few of them.
 * @param of pieces of this source alone
 */
function* withoutEach(whole: Evidence, of?: Source): Generator<readonly [index: number, partial: Evidence]> {
  const seen = new Set<string>();
  for (const [index, remove] of removals(whole).entries()) {
    const partial = remove(whole);
    if (of !== undefined && partial.sources[of] === whole.sources[of]) continue;
    const text = JSON.stringify(of === undefined ? partial : (partial.sources[of] ?? 'none'));
    if (!seen.has(text)) yield [index, partial];
    seen.add(text);
  }
}

/** Each source from one of some causes, or healthy. */
function mixed(random: () => number): Evidence {
  const from = [evidence(), pick(CASES, random).planted, pick(CASES, random).planted, pick(CASES, random).planted];
  const healthy = evidence();
  const sources = Object.fromEntries(
    (Object.keys(healthy.sources) as Source[]).map((source) => [source, pick(from, random).sources[source]]),
  );
  return { ...healthy, sources };
}

describe('a missing piece', () => {
  it.each(CASES.map((one, at) => ({ ...one, at })))('alone never makes another cause certain: $cause, $when', ({ planted, at }) => {
    for (const [index, partial] of withoutEach(planted))
      if ((index + at) % PIECES === 0) expect([index, contradiction(partial, planted)]).toEqual([index, undefined]);
  });

  it('of one source never leaves a cause certain that this source refutes, whatever the others show', () => {
    for (const { planted } of CASES) {
      for (const [at, other] of CASES.entries()) {
        for (const [index, source] of (Object.keys(planted.sources) as Source[]).entries()) {
          if ((at + index) % ONE_IN !== 0 || other.planted.sources[source] === planted.sources[source]) continue;
          const whole: Evidence = { ...planted, sources: { ...planted.sources, [source]: other.planted.sources[source] } };
          for (const [, partial] of withoutEach(whole, source)) expect(contradiction(partial, whole)).toBeUndefined();
        }
      }
    }
  });

  it('never leaves a cause certain that it would have refuted', () => {
    let certain = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const random = seeded(seed);
      const whole = mixed(random);
      const all = removals(whole);
      let partial = whole;
      for (let count = Math.ceil(random() * 6); count > 0; count -= 1) partial = pick(all, random)(partial);
      const causes = certainCauses(partial);
      expect([seed, contradiction(partial, whole, causes)]).toEqual([seed, undefined]);
      if (causes.length > 0) certain += 1;
    }
    // It would hold by itself if nothing was ever certain.
    expect(certain).toBeGreaterThan(SEEDS * 0.09);
  });
});
