/** Three-valued logic over evidence: true, false, or unknown because a piece is missing. Pure. */
import { leastOf } from '../../shared/arithmetic.ts';
import type { Cause, Finding, Runbook } from '../contract/causes.ts';
import { type Collected, type Evidence, type Facts, SOURCE_NAMES, type Source } from '../contract/evidence.ts';
import type { MitigationName } from '../contract/mitigations.ts';
import type { Cell, ChannelName } from '../trouble/channels.ts';

/** What one look at the evidence says, and where it looked. */
export interface Judged {
  /** Null: unknown; the text then says what is missing. */
  readonly truth: boolean | null;
  /** No piece that is missing now could change `truth`. */
  readonly firm: boolean;
  readonly text: string;
  readonly source: Source;
  readonly others?: readonly Source[];
  readonly sinceMs?: number | undefined;
}

export type Judge = (evidence: Evidence) => Judged;

/** What is read of a source; `complete`: nothing of it is missing. */
export type Read = { readonly complete: boolean; readonly evidence: Evidence };

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

export function judgeRow(row: Row, evidence: Evidence): JudgedRow {
  const needs = row.needs.map((condition) => judgeCondition(condition, evidence));
  const refuters = row.not.map((condition) => judgeCondition(condition, evidence));
  const missed = needs.filter(({ truth }) => truth === false);
  const refuted = refuters.filter(({ truth }) => truth === true);
  const firmlyOut = [...missed, ...refuted].some(({ firm }) => firm);
  const state = () => {
    if (missed.length + refuted.length > 0) return 'out';
    if (needs.some(({ truth }) => truth === null)) return 'open';
    return needs.every(({ firm }) => firm) && refuters.every(({ truth, firm }) => truth === false && firm) ? 'holds' : 'likely';
  };
  return { row, state: state(), firmlyOut, needs, refuters };
}

/** A row asks for them in each of its conditions. */
const WITHOUT_ONE = new WeakMap<Evidence, readonly Evidence[]>();

/** A condition's judgement, firm only if it would be the same, and firm, without the words of any one server. */
function judgeCondition({ judge, byOneServer }: Condition, evidence: Evidence): Judged {
  const judged = judge(evidence);
  return byOneServer || judged.truth === null || !judged.firm || isSameWithoutOne(judge, judged, evidence) ? judged : shaky(judged);
}

const isSameWithoutOne = (judge: Judge, { truth }: Judged, evidence: Evidence): boolean =>
  withoutOne(evidence).every((less) => {
    const other = judge(less);
    return other.truth === truth && other.firm;
  });

function withoutOne(evidence: Evidence): readonly Evidence[] {
  const known = WITHOUT_ONE.get(evidence);
  if (known) return known;
  const collected = evidence.sources.servers;
  const servers = collected && 'facts' in collected ? collected.facts.servers : [];
  const each =
    servers.length > 1
      ? servers.map((_, index) => {
          const others = { ...collected, facts: { servers: servers.filter((_server, at) => at !== index) } };
          return { ...evidence, sources: { ...evidence.sources, servers: others } } as Evidence;
        })
      : [];
  WITHOUT_ONE.set(evidence, each);
  return each;
}

type About = NonNullable<Extract<Finding, { verdict: 'cause' }>['about']>;

export interface Condition {
  /** What is so if it is true, as a clause or a noun. */
  readonly name: string;
  readonly judge: Judge;
  /** A server's words about itself, or words that no server can have alone: one is enough. @default false: see judge-row.ts */
  readonly byOneServer?: true;
}

export const is = (name: string, judge: Judge): Condition => ({ name, judge });
export const byOne = (name: string, judge: Judge): Condition => ({ name, judge, byOneServer: true });

/** One row of the table: a cause, and the evidence for and against it. */
export interface Row {
  readonly cause: Cause;
  readonly runbook: Runbook;
  /** Another runbook that finds it as well: an alarm of its own shows it. */
  readonly alsoFor?: Runbook;
  /** What is wrong, as the beginning of a sentence; the time is added. */
  readonly sentence: (evidence: Evidence) => string;
  /** What is wrong, for the documentation, which has no evidence. */
  readonly title: string;
  /** Which part of the trouble it can explain. */
  readonly explains: Explains;
  readonly needs: readonly Condition[];
  readonly not: readonly Condition[];
  /** Causes that explain the same better: while one of them holds, this one is only named next to it. */
  readonly yieldsTo: readonly Cause[];
  /** What a finding is about, where the evidence shows one. */
  readonly about?: { readonly [What in keyof About]?: (evidence: Evidence) => string | undefined };
  /** Strongest first. */
  readonly mitigations: readonly MitigationName[];
}

/** The runbook is the table's, and what is empty is left out. */
export type TableRow = Omit<Row, 'runbook' | 'sentence' | Emptied> &
  Partial<Pick<Row, Emptied>> & { readonly sentence: string | Row['sentence'] };
type Emptied = 'explains' | 'not' | 'yieldsTo' | 'mitigations';

export const tableOf = (runbook: Runbook, rows: readonly TableRow[]): readonly Row[] =>
  rows.map(({ sentence, ...row }) => ({
    ...{ runbook, explains: { in: [] }, not: [], yieldsTo: [], mitigations: [] },
    ...{ ...row, sentence: typeof sentence === 'string' ? () => sentence : sentence },
  }));

/** `holds`: proved. `likely`: a fact that would refute it is unknown. `open`: the evidence does not decide it. `out`: refuted, or never shown. */
export interface JudgedRow {
  readonly row: Row;
  readonly state: 'holds' | 'likely' | 'open' | 'out';
  /** No missing piece can bring it back. */
  readonly firmlyOut: boolean;
  readonly needs: readonly Judged[];
  readonly refuters: readonly Judged[];
}

/** When a cause can have begun to hurt, and until when; `before`: it is as old as what was looked at. */
export type Time = { readonly fromMs: number; readonly untilMs: number } | 'before' | undefined;

export interface Explains {
  readonly in: readonly (keyof typeof GROUPS)[];
  /** Undefined: the evidence does not show when it began. @default since its needs are so */
  readonly time?: (evidence: Evidence) => Time;
  /** Whether what was in a cell is of the cause; null: unknown. @default what was in its time, or later */
  readonly covers?: (cell: Cell, evidence: Evidence, channel: ChannelName) => boolean | null;
}

export const GROUPS = {
  sessions: ['lost', 'redirects', 'refusals', 'canary', 'vain'],
  /** Where sessions are not known, some applications answer with an error. */
  errors: ['errors', 'balancerErrors'],
  store: ['refusedWrites'],
  memory: ['memory', 'refusedWrites'],
  returns: ['returns'],
  front: ['balancerRefusals'],
  signIns: ['signIns'],
} as const satisfies Readonly<Record<string, readonly ChannelName[]>>;
