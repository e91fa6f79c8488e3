/** How much of the trouble a cause explains, and so how sure it can be said to be. Pure. */

import { sumOf } from '../../shared/arithmetic.ts';
import type { Evidence } from '../contract/evidence.ts';
import { type Channel, type ChannelName, isTroubled } from '../trouble/channels.ts';
import { hurtingChannels, isEarlier, type Trouble, troubleOf } from '../trouble/trouble.ts';
import type { Time } from './explains.ts';
import type { Row } from './row.ts';

export interface Share {
  readonly channel: ChannelName;
  /** The part of the excess that the cause covers, from 0 to 1: at least, and at most where some of it is not known. */
  readonly least: number;
  readonly most: number;
  /** The trouble began when the cause did, as far as both are known. */
  readonly isInTime: boolean;
}

/** A cause explains the trouble from here on; below, it is a part of it. */
const CERTAIN_SHARE = 0.8;
const LIKELY_SHARE = 0.5;
/** Onsets that are no further apart are the same: logs are by the minute, and clocks differ. */
const SAME_MS = 3 * 60_000;

/** Of each channel of people that is in trouble, and that the cause claims. */
export function sharesOf(
  { explains }: Pick<Row, 'explains'>,
  evidence: Evidence,
  { channels }: Trouble = troubleOf(evidence),
): readonly Share[] {
  const { channels: claimed, covers = () => true, time = () => undefined } = explains;
  return claimed.flatMap((name) => {
    const channel = channels[name];
    if (!isTroubled(channel)) return [];
    const judged = channel.cells.map((cell) => ({ excess: cell.excess, covered: covers(cell, evidence) }));
    const part = (some: typeof judged) =>
      sumOf(some, ({ excess }) => excess) /
      Math.max(
        1,
        sumOf(judged, ({ excess }) => excess),
      );
    const least = part(judged.filter(({ covered }) => covered === true));
    const most = least + part(judged.filter(({ covered }) => covered === null));
    return [{ channel: name, least, most, isInTime: isInTime(channel, time(evidence)) }];
  });
}

function isInTime({ onset, state }: Channel, time: Time): boolean {
  if (time === undefined || onset === null) return true;
  if (time === 'before') return state === 'chronic' || onset === 'before';
  return onset !== 'before' && onset >= time.fromMs - SAME_MS && onset <= time.untilMs + SAME_MS;
}

/** Any client can fill these: they take nothing from a cause that does not claim them. */
const ANYBODYS: readonly ChannelName[] = ['vain', 'returns'];

/** `certain`: it explains all of it. `likely`: most of it. `part`: less. */
export type Reach = 'certain' | 'likely' | 'part';

/**
 * How sure a cause whose needs hold can be said to be, by what it explains. Where nobody is hurt there is nothing to explain: then what the
 * store shows is enough.
 */
export function reachOf({ explains, runbook }: Pick<Row, 'explains' | 'runbook'>, evidence: Evidence): Reach {
  const trouble = troubleOf(evidence);
  const hurt = hurtingChannels(trouble).filter(
    ({ name, channel }) => (explains.channels.includes(name) || !ANYBODYS.includes(name)) && !isEarlier(channel, evidence.firstSignMs),
  );
  if (hurt.length === 0) return 'certain';
  const shares = sharesOf({ explains }, evidence, trouble).filter(({ channel }) => hurt.some(({ name }) => name === channel));
  const isWhole =
    shares.length === hurt.length &&
    shares.every(({ most }) => most >= CERTAIN_SHARE) &&
    shares.some(({ least }) => least >= CERTAIN_SHARE);
  // What fills a store is one thing, and what hurts people meanwhile can be another.
  if (runbook === 'session-explosion') return isWhole ? 'certain' : 'likely';
  const lead = shares.find(({ channel }) => channel === hurt[0]?.name);
  if (lead === undefined || lead.most < LIKELY_SHARE) return 'part';
  return isWhole && lead.isInTime ? 'certain' : 'likely';
}
