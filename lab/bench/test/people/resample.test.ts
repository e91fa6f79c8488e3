import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RecordedDeploy } from '../../people/contract.ts';
import { resampled, unpacked } from '../../people/resample.ts';

const file = new URL('../../people/looks.json', import.meta.url);
const recorded = (JSON.parse(readFileSync(file, 'utf8')) as RecordedDeploy[]).map(unpacked);

it('no deploy that must pass is stopped, with people drawn again from those who were there', () => {
  expect(recorded.flatMap(({ looks }) => looks).length).toBeGreaterThan(0);
  expect(resampled(recorded, 20)).toEqual({ stopped: 0, by: {} });
});

it('the same deploys are stopped where a third of those whom the server has answered were sent away', () => {
  const hurt = recorded.map((deploy) => ({
    ...deploy,
    looks: deploy.looks.map((look) => ({
      ...look,
      own: { ...look.own, people: look.own.people.map((row, at) => (at % 3 === 0 ? `${row.slice(0, 12)} 1f 1` : row)) },
    })),
  }));
  // With few people nothing is judged, and a third is no more where the previous release has sent a third away.
  const busy = hurt.filter(({ looks }) => looks.every(({ own }) => own.people.length >= 20 && own.before[0]?.startsWith('0 ')));
  expect(busy.length).toBeGreaterThan(0);
  expect(resampled(busy, 3).stopped).toBe(3 * busy.length);
});
