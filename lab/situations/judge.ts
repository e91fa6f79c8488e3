/** Whether what a run came to is right, by what its situation expects. Pure. */
import type { IncidentPage } from '../../functions/incidents/report/incident-page.ts';
import type { Situation } from './situation.ts';

export interface Result {
  readonly name: string;
  /** A cause, `unknown` or `nothing`. */
  readonly found: string;
  readonly confidence?: string | undefined;
  /** A row has the right cause. */
  readonly hasRow: boolean;
  /** Another cause than a right one, or a right one surer than it can be. */
  readonly isCertainWrong: boolean;
  /** People are hurt, and the page says that nobody is. */
  readonly isDenied: boolean;
  /** Nobody is hurt, and the page says that users are. */
  readonly isHurtWrongly: boolean;
  readonly isNamed: boolean;
  /** The page says that the cause is not known, and people are hurt as it says. */
  readonly isUnknownRight: boolean;
  readonly isNothingRight: boolean;
  /** The page's first line, and what it says of people. */
  readonly headline: string;
  readonly urgency: string;
}

/** What a page says of people who read it in a hurry: nobody is affected. */
const saysNobody = ({ verdict, urgency }: IncidentPage): boolean =>
  verdict === 'nothing' || /\b(?:nobody|no user) is (?:seen to be )?affected\b/i.test(urgency);

/** What it says of them where it is sure that they are. */
const saysHurt = ({ urgency }: IncidentPage): boolean => /^Users (?:are|were|cannot|whose)\b/.test(urgency);

export function judge({ name, expect }: Situation, page: IncidentPage): Result {
  const { verdict, cause, confidence, headline, urgency } = page;
  const isRight = cause !== undefined && expect.causes.includes(cause);
  const isTooSure = isRight && confidence === 'certain' && expect.atMost === 'likely';
  const denies = saysNobody(page);
  return {
    name,
    found: cause ?? verdict,
    confidence,
    hasRow: expect.causes.length > 0,
    isCertainWrong: verdict === 'cause' && confidence === 'certain' && (!isRight || isTooSure),
    isDenied: expect.hurt && denies,
    isHurtWrongly: !expect.hurt && saysHurt(page),
    isNamed: isRight && !isTooSure,
    isUnknownRight: verdict === 'unknown' && expect.hurt && !denies,
    isNothingRight: verdict === 'nothing' && !expect.hurt,
    ...{ headline, urgency },
  };
}

export interface Summary {
  readonly situations: number;
  readonly withRow: number;
  readonly certainWrong: readonly string[];
  readonly affectedDenied: readonly string[];
  readonly hurtWrongly: readonly string[];
  readonly named: number;
  /** A row has its cause, and does not name it. */
  readonly unnamed: readonly string[];
  readonly unknownRight: number;
  readonly nothingRight: number;
}

const namesOf = (results: readonly Result[], isSo: (result: Result) => boolean): readonly string[] =>
  results
    .filter(isSo)
    .map(({ name }) => name)
    .toSorted();

export const summarize = (results: readonly Result[]): Summary => ({
  situations: results.length,
  withRow: results.filter(({ hasRow }) => hasRow).length,
  certainWrong: namesOf(results, ({ isCertainWrong }) => isCertainWrong),
  affectedDenied: namesOf(results, ({ isDenied }) => isDenied),
  hurtWrongly: namesOf(results, ({ isHurtWrongly }) => isHurtWrongly),
  named: results.filter(({ isNamed, hasRow }) => isNamed && hasRow).length,
  unnamed: namesOf(results, ({ isNamed, hasRow }) => hasRow && !isNamed),
  unknownRight: results.filter(({ isUnknownRight, hasRow }) => isUnknownRight && !hasRow).length,
  nothingRight: results.filter(({ isNothingRight }) => isNothingRight).length,
});
