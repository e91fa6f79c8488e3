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
  readonly sinceMs?: number | undefined;
}

export type Judge = (evidence: Evidence) => Judged;

/** What is read of a source; `complete`: nothing of it is missing. */
export interface Read {
  readonly complete: boolean;
  readonly evidence: Evidence;
}

/** A fact as its source shows it. */
export interface Said {
  readonly is: boolean;
  readonly text: string;
  readonly sinceMs?: number | undefined;
  /** False of what anybody can bring about, as lines of a log, or of what is over. @default what is there is; what is not, where nothing is missing */
  readonly sure?: boolean;
  readonly others?: readonly Source[];
}

/** @param name what is missing where the source does not show it, as a noun @param read undefined: the source does not show it */
export const fact =
  <S extends Source>(source: S, name: string, read: (facts: Facts[S], read: Read) => Said | undefined): Judge =>
  (evidence) => {
    const collected = evidence.sources[source] as Collected<Facts[S]> | undefined;
    if (collected === undefined || 'gap' in collected) return open(source, `${SOURCE_NAMES[source]}: ${collected?.gap ?? 'not collected'}`);
    const complete = (collected.gaps ?? []).length === 0;
    const said = read(collected.facts, { complete, evidence });
    if (said === undefined) return open(source, name);
    const { is, sure = is || complete, ...rest } = said;
    return { ...{ truth: is, firm: sure, source }, ...rest };
  };

export const yes = (source: Source, text: string, sinceMs?: number): Judged => ({ truth: true, firm: true, text, source, sinceMs });
export const no = (source: Source, text: string): Judged => ({ truth: false, firm: true, text, source });
export const open = (source: Source, text: string): Judged => ({ truth: null, firm: false, text, source });
/** A piece that is missing could change it. */
export const shaky = (judged: Judged): Judged => ({ ...judged, firm: false });

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

/** What another fact can refute: false where it does, and not sure where that is not known. */
export const unless =
  (judge: Judge, refuter: Judge): Judge =>
  (evidence) => {
    const [judged, refuted] = [judge(evidence), refuter(evidence)];
    if (judged.truth !== true) return judged;
    if (refuted.truth === true) return { ...refuted, truth: false };
    return refuted.truth === false && refuted.firm ? judged : shaky(judged);
  };

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

const strongest = (judged: readonly Judged[]): Judged | undefined => judged.find(({ firm }) => firm) ?? judged[0];

const combine = (all: readonly Judged[]): Judged => ({
  ...(all[0] as Judged),
  firm: all.every(({ firm }) => firm),
  text: all.map(({ text }) => text).join('; '),
  others: all.flatMap(({ source, others = [] }) => [source, ...others]),
  sinceMs: leastOf(all.flatMap(({ sinceMs }) => sinceMs ?? [])),
});
