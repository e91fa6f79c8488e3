/** Three-valued logic over evidence: true, false, or unknown because a piece is missing. Pure. */
import { leastOf } from '../../shared/arithmetic.ts';
import { type Collected, type Evidence, type Facts, SOURCE_NAMES, type Source } from '../contract/evidence.ts';

/** What one look at the evidence says, and where it looked. */
export interface Judged {
  /** Null: unknown; the text then says what is missing. */
  readonly truth: boolean | null;
  /** No piece that is missing now could change `truth`. */
  readonly firm: boolean;
  readonly text: string;
  readonly source: Source;
  /** Further sources that show the same. */
  readonly others?: readonly Source[];
  /** Since when it is so, where the evidence shows it. */
  readonly sinceMs?: number;
}

export type Judge = (evidence: Evidence) => Judged;

export const yes = (source: Source, text: string, sinceMs?: number): Judged => ({
  ...{ truth: true, firm: true, text, source },
  ...(sinceMs !== undefined && { sinceMs }),
});
export const no = (source: Source, text: string): Judged => ({ truth: false, firm: true, text, source });
export const open = (source: Source, text: string): Judged => ({ truth: null, firm: false, text, source });
/** Yes if it is so, else no. */
export const whether = (source: Source, isSo: boolean, text: string): Judged => (isSo ? yes : no)(source, text);
/** A piece that is missing could change it. */
export const shaky = (judged: Judged): Judged => ({ ...judged, firm: false });
/** The same judgement, of which nothing is missing only if `complete`. */
export const firmIf = (complete: boolean, judged: Judged): Judged => (complete ? judged : shaky(judged));

const changed =
  (change: (judged: Judged) => Judged) =>
  (judge: Judge): Judge =>
  (evidence) =>
    change(judge(evidence));

/** It makes nothing certain, by being so or not. */
export const neverSure = changed(shaky);
/** What anybody can bring about: it makes nothing certain by being so. */
export const hint = changed((judged) => (judged.truth === true ? shaky(judged) : judged));
export const not = changed((judged) => (judged.truth === null ? judged : { ...judged, truth: !judged.truth }));

/** False as soon as one is false, unknown while one is unknown; the texts of what decides it. */
export const allOf =
  (...judges: readonly [Judge, ...Judge[]]): Judge =>
  (evidence) => {
    const all = judges.map((judge) => judge(evidence));
    return strongest(all.filter(({ truth }) => truth === false)) ?? all.find(({ truth }) => truth === null) ?? combine(all);
  };

/** True as soon as one is true, unknown while one is unknown. */
export const anyOf =
  (...judges: readonly [Judge, ...Judge[]]): Judge =>
  (evidence) => {
    const all = judges.map((judge) => judge(evidence));
    const proving = all.filter(({ truth }) => truth === true);
    const proof = strongest(proving);
    return proof ? { ...combine(proving), firm: proof.firm } : (all.find(({ truth }) => truth === null) ?? combine(all));
  };

/** What is read of a source; `complete`: nothing of it is missing. */
export interface Read {
  readonly complete: boolean;
  readonly evidence: Evidence;
}

/** A source's facts, judged; unknown when it gave none. */
export const judgeSource =
  <S extends Source>(source: S, judge: (facts: Facts[S], read: Read) => Judged): Judge =>
  (evidence) => {
    const collected = evidence.sources[source] as Collected<Facts[S]> | undefined;
    if (collected === undefined) return open(source, `${SOURCE_NAMES[source]}: not collected`);
    if ('gap' in collected) return open(source, `${SOURCE_NAMES[source]}: ${collected.gap}`);
    return judge(collected.facts, { complete: (collected.gaps ?? []).length === 0, evidence });
  };

const strongest = (judged: readonly Judged[]): Judged | undefined => judged.find(({ firm }) => firm) ?? judged[0];

function combine(all: readonly Judged[]): Judged {
  const [first] = all as readonly [Judged];
  const sinceMs = leastOf(all.flatMap((judged) => judged.sinceMs ?? []));
  return {
    ...first,
    firm: all.every(({ firm }) => firm),
    text: all.map(({ text }) => text).join('; '),
    others: all.flatMap(({ source, others = [] }) => [source, ...others]),
    ...(sinceMs !== undefined && { sinceMs }),
  };
}
