/**
 * Turns of the schedule that are lost, come twice or come up to ten minutes late, runbooks that die, and outages of every length: nothing
 * is done twice, and nothing stays in effect for long after its time.
 */
import { expect, it } from 'vitest';
import type { Finding } from '../../../../functions/incidents/contract/causes.ts';
import { type Random, seededRandom } from '../../../../lab/simulation/kernel/random.ts';
import { FULL } from '../../../e2e/full-run.ts';
import { LONGEST_MINUTES } from './mitigations-in.ts';
import { incidentWorld } from './world.ts';

const FINDING = { confidence: 'certain', sentence: 'the store is down', sinceMs: 0, because: [], wouldRefute: [], also: [] } as const;
const GONE: Finding = { verdict: 'cause', cause: 'store-down', ...FINDING };
const WELL: Finding = { verdict: 'nothing', because: [], missing: [] };
/** Two calls of the mitigating function for each mitigation, and those of a turn that began just before. */
const TURN_MINUTES = 2;
const END_MINUTES = 400;

/** How one turn of the schedule comes, in seconds after its time. */
function drawArrival(random: Random): readonly number[] {
  if (random.chance(0.6)) return [random.whole(0, 5)];
  return random.pick([[], [600], [random.whole(0, 600)], [0, random.whole(0, 20)], [0, 0]]);
}

/** The first minute by which turns that came have found twice, `apart` minutes from each other, that something is over since `since`. */
function foundBy(turns: readonly number[], since: number, apart: number): number {
  // A turn that comes while another one is at work leaves it to that.
  const apartFromOthers = turns.toSorted((a, b) => a - b).filter((turn, at, all) => at === 0 || turn - (all[at - 1] ?? 0) >= TURN_MINUTES);
  const first = apartFromOthers.find((turn) => turn >= since) ?? END_MINUTES;
  return TURN_MINUTES + (apart === 0 ? first : (apartFromOthers.find((turn) => turn >= first + apart) ?? END_MINUTES));
}

const SEEDS = Array.from({ length: FULL ? 60 : 20 }, (_, index) => Number(process.env['HOLDFAST_FIRST_SEED'] ?? 20_261_123) + index);

it.each(SEEDS)('does nothing twice and leaves nothing in effect, seed %i', async (seed) => {
  const random = seededRandom(seed, 'faults');
  const played = incidentWorld({ 're-login-page': 'auto' }, { seed, arrives: () => drawArrival(random), takes: () => random.whole(0, 10) });
  const { world, page, storeGroup, turns, sent, messages, at, alarm, incident, until } = played;
  const upMinute = random.chance(0.2) ? 300 : random.whole(3, 150);
  const keys = () => ['re-login-page', 'promote-replica'] as const;
  world.finding = GONE;
  await alarm('ALARM');
  if (random.chance(0.4)) at(random.whole(1, 60), played.kill);
  if (random.chance(0.6)) at(random.whole(4, 25), () => played.ask('promote-replica'));
  at(upMinute, () => {
    world.comesBack();
    world.finding = WELL;
  });
  at(upMinute + 1, () => alarm('OK'));
  await until(END_MINUTES);

  const { mitigations, closedAtMs } = await incident();
  expect(closedAtMs).toBeDefined();
  for (const key of keys()) expect(mitigations[key]?.state, key).toMatch(/^(ended|undone|refused|observed|leftBehind|done)$/);
  for (const key of ['re-login-page'] as const) expect(mitigations[key]?.state, key).not.toMatch(/^(done|leftBehind)$/);
  expect(storeGroup.promoted.length).toBeLessThanOrEqual(1);
  // Nothing is in effect, and each was begun once.
  expect(page.rules).toEqual([]);
  const created = page.calls.filter(({ what }) => what === 'create');
  expect(created.length).toBeLessThanOrEqual(1);
  // Neither is shown longer than its time, or than the outage, by more than what passes until the next turn.
  const [shown] = created;
  if (shown !== undefined) {
    const gone = page.calls.find(({ what }) => what === 'delete')?.minute ?? END_MINUTES;
    expect(gone).toBeLessThanOrEqual(foundBy(turns, shown.minute + LONGEST_MINUTES, 0));
    if (shown.minute < upMinute) expect(gone).toBeLessThanOrEqual(foundBy(turns, upMinute, 1));
  }
  expect(new Set(sent).size).toBe(sent.length);
  expect(messages.filter(({ subject }) => subject === 'Closed')).toHaveLength(1);
});
