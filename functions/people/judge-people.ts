/** Whether a release turns people away or breaks their pages, by counts of people (or of requests, where a log shows no session). Pure. */

import { sumOf } from '../shared/arithmetic.ts';
import { PEOPLE_KINDS, type PeopleAnswer, type PeopleKind } from './contract.ts';

/** Of people, or of requests: how many were asked about, and how many of them had the trouble. */
export type Share = { readonly hurt: number; readonly of: number };

export interface PeopleCounts {
  readonly unit: 'people' | 'requests';
  /** On the new server; page parts on every server that was read, since a new page asks the old ones as well. */
  readonly now: Readonly<Record<PeopleKind, Share>>;
  /** On the same servers before the deploy, in slices as long as what is counted now. */
  readonly before: Readonly<Record<PeopleKind, Share>>;
  /** On servers with the previous release over the same seconds, without people whom the new one has answered. */
  readonly alongside: Readonly<Record<PeopleKind, Share>>;
}

/** `tooFew`: what is there could not show a release that hurts everybody. */
export type PeopleVerdict =
  | { readonly verdict: 'hurt'; readonly kind: PeopleKind; readonly now: Share; readonly before: Share }
  | { readonly verdict: 'fine' | 'tooFew' };

/** A share rises by this at least: less is what another minute brings. */
export const LEAST_RISE = 0.05;
/** A rise would come about by chance this often, over all kinds and looks of a deploy. */
export const BY_CHANCE = 1e-5;
/** A rise on the old servers too is taken for a campaign, not for the release, from here on. */
const RISEN_ALONGSIDE = 1e-3;
export const FEWEST = { people: 5, requests: 20 } as const;

/** @param expected kinds that are found only where no other one is. @returns the first one of several */
export function judgePeople({ unit, now, before, alongside }: PeopleCounts, expected: readonly PeopleKind[] = []): PeopleVerdict {
  for (const kind of [...PEOPLE_KINDS.filter((one) => !expected.includes(one)), ...expected]) {
    const reference = rises(alongside[kind], before[kind], RISEN_ALONGSIDE) ? alongside[kind] : before[kind];
    if (now[kind].hurt >= FEWEST[unit] && rises(now[kind], reference, BY_CHANCE))
      return { verdict: 'hurt', kind, now: now[kind], before: reference };
  }
  // Page parts are those of every server. Where nothing is known to have been served before, nobody can be seen to be turned away.
  const own = PEOPLE_KINDS.filter((kind) => kind !== 'missingParts');
  const shows = now.turnedAway.of > 0 && own.some((kind) => couldShow(now[kind], before[kind], unit));
  return { verdict: shows ? 'fine' : 'tooFew' };
}

/** Kinds of which people enough have met the release, and none the trouble. */
export const fineKinds = ({ unit, now, before }: PeopleCounts): readonly PeopleKind[] =>
  PEOPLE_KINDS.filter((kind) => now[kind].hurt === 0 && couldShow(now[kind], before[kind], unit));

/** Whether that everybody is hurt would be seen. */
const couldShow = ({ of }: Share, before: Share, unit: PeopleCounts['unit']): boolean =>
  of >= FEWEST[unit] && rises({ hurt: of, of }, before, BY_CHANCE);

export const rises = (now: Share, before: Share, chance: number, least = LEAST_RISE): boolean =>
  now.of > 0 && before.of > 0 && now.hurt / now.of - before.hurt / before.of >= least && chanceOf(now, before) < chance;

/** Of the sum so far. */
const NEGLIGIBLE = 1e-12;

/** The upper tail of the hypergeometric distribution (Fisher's exact test, one-sided), where a larger share is hurt now. */
export function chanceOf(now: Share, before: Share): number {
  const hurt = now.hurt + before.hurt;
  const all = now.of + before.of;
  const ways = logChoose(all, now.of);
  let chance = 0;
  for (let more = now.hurt; more <= Math.min(hurt, now.of); more++) {
    if (now.of - more > all - hurt) continue;
    const term = Math.exp(logChoose(hurt, more) + logChoose(all - hurt, now.of - more) - ways);
    chance += term;
    // Past the most likely number each is less than the one before.
    if (term <= chance * NEGLIGIBLE) break;
  }
  return Math.min(1, chance);
}

const logChoose = (of: number, chosen: number): number => logFactorial(of) - logFactorial(chosen) - logFactorial(of - chosen);

/** Stirling's series, exact to ten digits from 10 on. */
function logFactorial(number: number): number {
  if (number < 10) return Math.log([1, 1, 2, 6, 24, 120, 720, 5_040, 40_320, 362_880][number] ?? 1);
  return (number + 0.5) * Math.log(number) - number + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * number) - 1 / (360 * number ** 3);
}

/** The answers of several servers as what is judged. Pure. */

/** Of the server that bakes, of others with the new release, and of those with the previous one. */
export type PeopleAnswers = { readonly own: PeopleAnswer; readonly fresh: readonly PeopleAnswer[]; readonly old: readonly PeopleAnswer[] };

/** With a renamed cookie the log shows no session: requests count. @param isSticky a server that comes back meets new visitors */
export function unitOf({ own, old }: PeopleAnswers, isSticky: boolean): PeopleCounts['unit'] {
  if (!own.showsSessions) return 'requests';
  const unnamed = (answers: readonly PeopleAnswer[], time: 'before' | 'now'): Share => {
    const of = sumOf(answers, (answer) => Number(answer[time][EVERY]?.split(' ')[3] ?? 0));
    return { hurt: of - sumOf(answers, ({ named }) => named[time === 'now' ? 1 : 0]), of };
  };
  const others = old.length > 0 ? unnamed(old, 'now') : unnamed([own], 'before');
  return !isSticky && rises(unnamed([own], 'now'), others, BY_CHANCE, MOST_LOST) ? 'requests' : 'people';
}
/** So large a share of requests lacks a session more than on other servers: a release that ends sessions is still named by those that end. */
const MOST_LOST = 0.5;
/** Every request can be refused. */
const EVERY = PEOPLE_KINDS.indexOf('refused');

/**
 * @param known of before, on record: for a server whose log has nothing of that time any more
 * @param fine kinds, by earlier bakes: where too few meet the previous release, what rises on others with the new one too is not its doing
 */
export function countsOf(
  { own, fresh, old }: PeopleAnswers,
  {
    unit,
    isSticky,
    fine = [],
    known,
  }: { unit: PeopleCounts['unit']; isSticky: boolean; fine?: readonly string[]; known: PeopleCounts['before'] | undefined },
): PeopleCounts {
  const all = [own, ...fresh, ...old];
  const metBy = (answers: readonly PeopleAnswer[]) => new Set(answers.flatMap(({ people }) => people.map((row) => row.slice(0, 12))));
  const every = (share: (kind: number, name: PeopleKind) => Share) =>
    Object.fromEntries(PEOPLE_KINDS.map((name, kind) => [name, share(kind, name)])) as Record<PeopleKind, Share>;
  const sum = (rows: readonly (readonly string[])[], kind: number): Share => {
    const numbers = rows.map((row) => (row[kind] ?? '0 0 0 0').split(' ').map(Number));
    const [hurt, of] = unit === 'people' ? [0, 1] : [2, 3];
    return { hurt: sumOf(numbers, (row) => row[hurt as number] ?? 0), of: sumOf(numbers, (row) => row[of as number] ?? 0) };
  };
  // A person of several servers counts once, with the share that each server has of its own: as before the deploy.
  const now = (answers: readonly PeopleAnswer[], kind: number): Share => {
    const rows = answers.map((answer) => answer.now);
    const { hurt, of } = sum(rows, kind);
    const people = unit === 'people' && answers.length > 1 ? shareOf(answers, kind, new Set()).of : of;
    return of === 0 ? { hurt, of } : { hurt: Math.round((hurt * people) / of), of: people };
  };
  const rowsBefore = all.map((answer) => answer.before);
  const ofAnswers = every((kind) => sum(rowsBefore, kind));
  return {
    unit,
    // A page of the new release asks old servers for its parts, and the other way round. With stickiness, those who leave the server that is
    // rolled meet the new release on the others.
    now: every((kind, name) => now(name === 'missingParts' ? all : isSticky ? [own, ...fresh] : [own], kind)),
    before: ofAnswers.refused.of > 0 || !known ? ofAnswers : known,
    alongside: every((kind, name) => {
      if (name === 'missingParts') return { hurt: 0, of: 0 };
      const without = (met: readonly PeopleAnswer[], answers = old) =>
        unit === 'requests' ? now(answers, kind) : shareOf(answers, kind, metBy(met));
      const previous = without([own, ...fresh]);
      return fine.includes(name) && previous.of < FEWEST[unit] ? without([own], [...old, ...fresh]) : previous;
    }),
  };
}

/** Each person once, over all answers; without those whom the new release has answered: what these meet elsewhere, it can have caused. */
function shareOf(answers: readonly PeopleAnswer[], kind: number, met: ReadonlySet<string>): Share {
  const shown = new Map<string, boolean>();
  for (const row of answers.flatMap(({ people }) => people)) {
    const [hash = '', asked = '0', hurt = '0'] = row.split(' ');
    const bit = 1 << kind;
    if (!met.has(hash) && Number.parseInt(asked, 16) & bit) shown.set(hash, shown.get(hash) || (Number.parseInt(hurt, 16) & bit) !== 0);
  }
  return { hurt: [...shown.values()].filter(Boolean).length, of: shown.size };
}
