/** Whether what a run came to is right, by what its situation expects. Pure. */
import type { Act, IncidentPage } from '../../functions/incidents/report/incident-page.ts';
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
  /** What the page says of people: hurt now, hurt until a while ago, nobody, or neither. */
  readonly users: 'now' | 'before' | 'nobody' | 'open';
  /** What the first step has people do; absent: the page has none. */
  readonly act?: Act | undefined;
  /** How good that is; absent: nothing of it is expected. */
  readonly firstStep?: 'right' | 'generic' | 'wrongLead' | 'harmful' | undefined;
  /** It says that it is over while it goes on or comes again, or that it goes on while it is over. */
  readonly isOverWrong: boolean;
  /** It says that nobody is hurt, or does not know it, where people are or were; or that they are or were where nobody is. */
  readonly isAffectedWrong: boolean;
}

/** What a page says of people who read it in a hurry: nobody is affected. That it is not known is no such thing. */
const saysNobody = ({ verdict, urgency }: IncidentPage): boolean =>
  (verdict === 'nothing' && !/^It is not known/.test(urgency)) || /\b(?:nobody|no user) is (?:seen to be )?affected\b/i.test(urgency);

/** What it says of them where it is sure that they are. */
const saysHurt = ({ urgency }: IncidentPage): boolean => /^Users (?:are|were|cannot|whose)\b/.test(urgency);

function usersOf(page: IncidentPage): Result['users'] {
  if (saysNobody(page)) return 'nobody';
  if (!saysHurt(page)) return 'open';
  return /^Users were\b/.test(page.urgency) ? 'before' : 'now';
}

/** A page without a step has people do nothing. */
function firstStepOf({ expect: { step } }: Situation, act: Act = 'nothing'): Result['firstStep'] {
  if (step === undefined) return undefined;
  if (step.right.includes(act)) return 'right';
  if (step.harmful.includes(act)) return 'harmful';
  return step.wrong.includes(act) ? 'wrongLead' : 'generic';
}

export function judge(situation: Situation, page: IncidentPage): Result {
  const { name, expect } = situation;
  const { verdict, cause, confidence, headline, urgency } = page;
  const isRight = cause !== undefined && expect.causes.includes(cause);
  const isTooSure = isRight && confidence === 'certain' && expect.atMost === 'likely';
  const denies = saysNobody(page);
  const users = usersOf(page);
  const saysUsers = users === 'now' || users === 'before';
  const [first] = page.next;
  const act = first?.act;
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
    ...{ headline, urgency, users, act, firstStep: firstStepOf(situation, act) },
    isOverWrong: expect.hurt && saysUsers && expect.over !== undefined && expect.over !== (users === 'before'),
    isAffectedWrong: expect.hurt !== saysUsers,
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
  readonly firstStep: {
    readonly judged: number;
    readonly right: number;
    readonly generic: number;
    readonly wrongLead: readonly string[];
    readonly harmful: readonly string[];
  };
  readonly overWrong: readonly string[];
  readonly affectedWrong: readonly string[];
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
  firstStep: {
    judged: results.filter(({ firstStep }) => firstStep !== undefined).length,
    right: results.filter(({ firstStep }) => firstStep === 'right').length,
    generic: results.filter(({ firstStep }) => firstStep === 'generic').length,
    wrongLead: namesOf(results, ({ firstStep }) => firstStep === 'wrongLead'),
    harmful: namesOf(results, ({ firstStep }) => firstStep === 'harmful'),
  },
  overWrong: namesOf(results, ({ isOverWrong }) => isOverWrong),
  affectedWrong: namesOf(results, ({ isAffectedWrong }) => isAffectedWrong),
});
