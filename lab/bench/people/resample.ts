/** Recorded looks once more, with people drawn from those who were there, as often as there were people. Pure, by its random numbers. */
import { PEOPLE_KINDS, type PeopleAnswer } from '../../../functions/people/contract.ts';
import { countsOf, judgePeople, type PeopleCounts } from '../../../functions/people/judge-people.ts';
import { seededRandom } from '../../demo/traffic/run-traffic.ts';
import type { RecordedDeploy, RecordedLook } from './contract.ts';

const HASH_DIGITS = 12;

/** Whether the deploy would have been stopped with these people at one of its looks. */
export function stopsWith(deploy: RecordedDeploy, seed: number): boolean {
  const random = seededRandom(seed);
  let known: PeopleCounts | undefined;
  for (const { own, fresh, old, unit, isFirstServer } of deploy.looks) {
    const drawn = {
      own: drawnAgain(own, random),
      fresh: fresh.map((one) => drawnAgain(one, random)),
      old: old.map((one) => drawnAgain(one, random)),
    };
    const counts = countsOf(drawn, { unit, isSticky: false, known: !isFirstServer && known?.unit === unit ? known.before : undefined });
    known = counts;
    if (judgePeople(counts).verdict === 'hurt') return true;
  }
  return false;
}

/** Sums of before, and of requests, are drawn kind by kind: so many of so many. */
function drawnAgain(answer: PeopleAnswer, random: () => number): PeopleAnswer {
  const share = (hurt: number, of: number) => {
    if (hurt === 0 || hurt >= of) return hurt;
    // From one who is hurt to the next: as if each were drawn.
    const step = () => 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - hurt / of));
    let drawn = 0;
    for (let at = step(); at <= of; at += step()) drawn += 1;
    return drawn;
  };
  const times = new Map<string, number>();
  // Each is somebody of their own, whom the other servers know where they have drawn them as well.
  const people = answer.people.map(() => {
    const row = answer.people[Math.floor(random() * answer.people.length)] as string;
    const time = (times.get(row.slice(0, HASH_DIGITS)) ?? 0) + 1;
    times.set(row.slice(0, HASH_DIGITS), time);
    return time === 1 ? row : `${time.toString(36).padStart(2, '-')}${row.slice(2)}`;
  });
  const bits = people.map((row) => row.split(' ').map((word) => Number.parseInt(word, 16)) as [number, number, number]);
  const row = (text: string, kind?: number) => {
    const [hurt = 0, of = 0, requestsHurt = 0, requests = 0] = text.split(' ').map(Number);
    const has = (place: 1 | 2) => bits.filter((one) => kind !== undefined && one[place] & (1 << kind)).length;
    const drawn = kind === undefined ? [share(hurt, of), of] : [has(2), has(1)];
    return [...drawn, answer.showsSessions ? requestsHurt : share(requestsHurt, requests), requests].join(' ');
  };
  return {
    ...answer,
    people,
    before: answer.before.map((text) => row(text)),
    now: PEOPLE_KINDS.map((_, kind) => row(answer.now[kind] ?? '0 0 0 0', kind)),
  };
}

/** How many of all deploys are stopped, drawn again by each seed. */
export function resampled(
  deploys: readonly RecordedDeploy[],
  seeds: number,
): { readonly stopped: number; readonly by: Readonly<Record<string, number>> } {
  const by: Record<string, number> = {};
  for (const deploy of deploys)
    for (let seed = 1; seed <= seeds; seed++) if (stopsWith(deploy, seed)) by[deploy.name] = (by[deploy.name] ?? 0) + 1;
  return { stopped: Object.values(by).reduce((sum, count) => sum + count, 0), by };
}

/** People of recorded looks in few characters: their hashes as the numbers in which one look has them. */
export const packed = (deploy: RecordedDeploy): RecordedDeploy => ({
  ...deploy,
  looks: deploy.looks.map((look) => {
    const numbers = new Map<string, number>();
    const number = (hash: string) => {
      if (!numbers.has(hash)) numbers.set(hash, numbers.size);
      return (numbers.get(hash) as number).toString(36);
    };
    return withPeople(look, (rows) => [rows.map((row) => `${number(row.slice(0, HASH_DIGITS))}${row.slice(HASH_DIGITS)}`).join(',')]);
  }),
});

export const unpacked = (deploy: RecordedDeploy): RecordedDeploy => ({
  ...deploy,
  looks: deploy.looks.map((look) =>
    withPeople(look, (rows) =>
      rows
        .flatMap((row) => row.split(','))
        .filter((row) => row !== '')
        .map((row) => row.replace(/^[^ ]+/, (number) => number.padStart(HASH_DIGITS, '0'))),
    ),
  ),
});

function withPeople({ own, fresh, old, ...look }: RecordedLook, change: (rows: readonly string[]) => string[]): RecordedLook {
  const of = (answer: PeopleAnswer) => ({ ...answer, people: change(answer.people) });
  return { own: of(own), fresh: fresh.map(of), old: old.map(of), ...look };
}
