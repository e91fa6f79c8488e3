/** The answers of several servers as what is judged. Pure. */
import { sumOf } from '../shared/arithmetic.ts';
import type { PeopleAnswer } from './contract.ts';
import { PEOPLE_KINDS, type PeopleCounts, type PeopleKind, type Share } from './judge-people.ts';

/** @param before on record, of this deploy's first look; without it, that of the answers */
export function countsOf(answer: PeopleAnswer, others: readonly PeopleAnswer[], before: PeopleCounts['before'] | undefined): PeopleCounts {
  const unit = answer.showsSessions ? 'people' : 'requests';
  const all = [answer, ...others];
  const met = new Set(answer.people.map((row) => row.slice(0, 12)));
  const of = (rows: readonly (readonly string[])[], kind: number): Share => {
    const numbers = rows.map((row) => (row[kind] ?? '0 0 0 0').split(' ').map(Number));
    const [hurt, asked] = unit === 'people' ? [0, 1] : [2, 3];
    return { hurt: sumOf(numbers, (row) => row[hurt as number] ?? 0), of: sumOf(numbers, (row) => row[asked as number] ?? 0) };
  };
  const every = (share: (kind: number) => Share) =>
    Object.fromEntries(PEOPLE_KINDS.map((name, kind) => [name, share(kind)])) as Record<PeopleKind, Share>;
  return {
    unit,
    // A page of the new release asks old servers for its parts, and the other way round.
    now: every((kind) =>
      of(
        (PEOPLE_KINDS[kind] === 'missingParts' ? all : [answer]).map(({ now }) => now),
        kind,
      ),
    ),
    before:
      before ??
      every((kind) =>
        of(
          all.map((one) => one.before),
          kind,
        ),
      ),
    beside: every((kind) => {
      if (PEOPLE_KINDS[kind] === 'missingParts') return { hurt: 0, of: 0 };
      if (unit === 'requests')
        return of(
          others.map(({ now }) => now),
          kind,
        );
      return besideOf(others, kind, met);
    }),
  };
}

/** Of the old servers, people whom the new one has not answered: what these meet there, the new release can have caused. */
function besideOf(others: readonly PeopleAnswer[], kind: number, met: ReadonlySet<string>): Share {
  const shown = new Map<string, boolean>();
  for (const row of others.flatMap(({ people }) => people)) {
    const [hash = '', asked = '0', hurt = '0'] = row.split(' ');
    const bit = 1 << kind;
    if (!met.has(hash) && Number.parseInt(asked, 16) & bit) shown.set(hash, shown.get(hash) || (Number.parseInt(hurt, 16) & bit) !== 0);
  }
  return { hurt: [...shown.values()].filter(Boolean).length, of: shown.size };
}
