/** The answers of several servers as what is judged. Pure. */
import { sumOf } from '../shared/arithmetic.ts';
import { PEOPLE_KINDS, type PeopleAnswer, type PeopleKind } from './contract.ts';
import { BY_CHANCE, FEWEST, type PeopleCounts, rises, type Share } from './judge-people.ts';

/** Of the server that bakes, of others with the new release, and of those with the previous one. */
export interface PeopleAnswers {
  readonly own: PeopleAnswer;
  readonly fresh: readonly PeopleAnswer[];
  readonly old: readonly PeopleAnswer[];
}

/**
 * Where a release renames its cookie, nobody on it has a session that the log can show: requests count then, as where a log shows none.
 * @param isSticky a server that comes back meets new visitors, who have none yet
 */
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
