/** Pages by a script on the server: one round trip each, and little data over the network. */

import type { RunScript } from './cached-script.ts';
import { inGroups } from './in-groups.ts';
import type { Page, PageRequest, Sample } from './sweep-store.ts';

type Value = Buffer | number;
type ScriptReply = [Buffer, number, number, Value[], Value[], Value[], number, number];

const EACH = { every: 1, since: 0 };

/** @param runPage runs PAGE_SCRIPT */
export async function scriptedPage(runPage: RunScript, request: PageRequest): Promise<Page> {
  const { cursor, count, sampleEvery, sinceSample, largeFromBytes, measured = EACH } = request;
  const reply = await runPage(cursor, count, sampleEvery, sinceSample, largeFromBytes, measured.every, measured.since);
  const [next, keys, serverTimeMs, persistentKeys, samples, larger, longPersistent, longSampled] = reply as ScriptReply;
  return {
    cursor: next.toString(),
    keys,
    serverTimeMs: serverTimeMs < 0 ? Number.POSITIVE_INFINITY : serverTimeMs,
    roundTrips: 1,
    persistentKeys: inGroups(persistentKeys, 4).map(([key, type, idle, bytes]) => ({
      key: key as Buffer,
      type: String(type),
      idleSeconds: known(idle),
      bytes: known(bytes),
    })),
    samples: inGroups(samples, 3).map((words) => weighed(words, sampleEvery)),
    larger: inGroups(larger, 3).map((words) => weighed(words, 0)),
    longNames: { persistent: longPersistent, sampled: longSampled * sampleEvery },
  };
}

const weighed = ([key, type, bytes]: readonly Value[], weight: number): Sample => ({
  key: key as Buffer,
  type: String(type),
  bytes: known(bytes),
  weight,
});

const known = (value: Value | undefined): number | undefined => (typeof value === 'number' && value >= 0 ? value : undefined);
