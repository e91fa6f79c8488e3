import { addLives, type LivesTally, NO_LIVES } from '../contract/tally.ts';
import type { Classify, KnownKey } from '../keys/classify-key.ts';
import { shareOf } from '../keys/hash-id.ts';
import { UNREAD } from '../keys/read-expiry.ts';
import type { DeleteBudget } from '../pages/apply-repairs.ts';
import { asText, asValue, type Identified, identify } from '../pages/identify.ts';
import type { LifeRequest, Sample, SweepStore } from '../store/sweep-store.ts';
import { canChange, chooseLife, type LifeChoice } from './choose-life.ts';

export interface LivesWork extends LifeChoice {
  readonly store: Pick<SweepStore, 'readValues' | 'changeLives'>;
  readonly classify: Classify;
  /** Does everything but the write. */
  readonly dryRun: boolean;
  /** The number of lives that can still be changed, counted as deletes are: a crash does not exceed it either. */
  readonly budget: Pick<DeleteBudget, 'left' | 'reserve' | 'release'>;
}

export interface ChangedLives {
  readonly tally: LivesTally;
  /** The connection broke: the batch is read again, and what has changed by then is as it should be. */
  readonly interruption?: Error;
}

/** Spring's marker expires before its session: by Spring's own five minutes where a life is raised, by one minute where it is shortened. */
const GRACE_SECONDS = 300;
const AFTER_MARKER_SECONDS = 60;

/** Changes the lives of the sessions among keys with a TTL. A session's marker follows it. @throws the connection's error, before any change */
export async function changeLives(keys: readonly Sample[], work: LivesWork): Promise<ChangedLives> {
  const { change, store, classify } = work;
  // Those of a name whose life can be changed: of the others no value is read.
  const named = keys.filter(({ key, type }) => classify(asText(key), type).some((known) => canChange(known, change)));
  const identified = await identify(named, { classify, store, mayRead: true });
  const sessions = named.flatMap((sample, at) => {
    const { known, ...found } = identified[at] as Identified;
    return known && canChange(known, change) ? [{ sample, known, found }] : [];
  });
  const wanted = sessions.flatMap(({ sample, known, found }) => {
    const request = requestOf(sample, known, found, work);
    return request ? [{ request, known }] : [];
  });
  const within = wanted.slice(0, work.budget.left);
  if (within.length > 0) await work.budget.reserve(within.length);
  const { tally, changed, interruption } = await send(
    within.map(({ request }) => request),
    work,
  );
  work.budget.release(within.length - tally.changed);
  const before: LivesTally = { ...NO_LIVES, kept: sessions.length - wanted.length, overLimit: wanted.length - within.length };
  const all = addLives(before, tally);
  if (interruption) return { tally: all, interruption };
  const markers = within.filter(({ request }) => changed.has(request)).flatMap(({ request, known }) => markerOf(request, known));
  const ofMarkers = await send(markers, work);
  return { tally: all, ...(ofMarkers.interruption && { interruption: ofMarkers.interruption }) };
}

function requestOf({ key, type }: Sample, known: KnownKey, found: Omit<Identified, 'known'>, work: LivesWork): LifeRequest | undefined {
  const { fields, text } = found;
  const life = chooseLife(known, { key: asText(key), facts: asValue(found), share: shareOf(key) }, work);
  if (life === undefined) return undefined;
  const values = Object.entries(fields).flatMap(([field, value]) => (value === UNREAD ? [] : [{ field, value }]));
  const ofText = text === undefined || text === UNREAD || text.start.length === 0 ? [] : [{ field: '', value: text.start }];
  return { key, type, life, unchanged: [...values, ...ofText] };
}

async function send(requests: readonly LifeRequest[], { store, dryRun }: LivesWork) {
  const outcomes = requests.length === 0 ? [] : await store.changeLives(requests, dryRun);
  const changed = new Set<LifeRequest>();
  let tally = NO_LIVES;
  let interruption: Error | undefined;
  for (const [index, request] of requests.entries()) {
    const outcome = outcomes[index] ?? 'kept';
    if (typeof outcome === 'object') interruption ??= outcome.error;
    if (outcome === 'changed') changed.add(request);
    // Without a reply it is unknown whether the life was changed, so it counts as changed for the limit.
    tally = addLives(tally, {
      ...NO_LIVES,
      changed: Number(outcome === 'changed' || typeof outcome === 'object'),
      kept: Number(outcome === 'kept'),
      notPermitted: Number(outcome === 'not-permitted'),
    });
  }
  return { tally, changed, interruption };
}

/**
 * The request for the session's marker, if it has one. Spring ends a session when its marker expires, so the marker has to expire first.
 */
function markerOf({ key, life }: LifeRequest, { rule }: KnownKey): LifeRequest[] {
  const marker = rule.life?.from === 'fields' ? rule.life.marker?.(asText(key)) : undefined;
  if (marker === undefined) return [];
  const { how, leastSeconds } = life;
  const seconds = how === 'raise' ? leastSeconds - GRACE_SECONDS : leastSeconds - AFTER_MARKER_SECONDS;
  return seconds < 1 ? [] : [{ key: Buffer.from(marker, 'latin1'), type: 'string', life: { how, leastSeconds: seconds }, unchanged: [] }];
}
