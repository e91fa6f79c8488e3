/** Runs a library's program against a real store, and makes the recording of what it leaves there. */
import { readFileSync } from 'node:fs';
import { runCommand } from '../../../setup/run-command.mjs';
import { startStoreOn } from '../../../test/functions/sweep/real-store.ts';
import type { StoreEngine } from '../../../test/store-engines.ts';
import type { Library } from '../library.ts';
import type { RecordedKey, RecordedValue, Recording } from '../recordings/recording.ts';
import { timesOut } from '../recordings/times.ts';
import { idsOut, readIds } from './fixed-ids.ts';
import { logOf, type Program } from './install.ts';
import { type ReadKey, readKeyspace } from './read-keyspace.ts';
import { type WrittenTtl, watchTtls } from './watch-ttls.ts';

const PROGRAM_TIMEOUT_MS = 120_000;
/** Times are rounded to a minute (times.ts), so all of a run have to be in its first half. */
const LONGEST_MS = 28_000;
const TTL_TOLERANCE_SECONDS = 6;

export async function recordLibrary(library: Library, program: Program, engine: StoreEngine): Promise<Recording> {
  const store = await startStoreOn(engine);
  const watch = await watchTtls(store.port);
  try {
    const logFile = logOf(library.name, 'run');
    await runCommand(`The program of ${library.name}`, program.command, program.args, {
      logFile,
      cwd: program.cwd,
      env: { ...process.env, ...program.env, CORPUS_PORT: String(store.port), TZ: 'UTC' },
      timeoutMs: PROGRAM_TIMEOUT_MS,
      advice: 'Nothing was recorded.',
    });
    const keys = await readKeyspace(store.redis);
    const [startMs, nowMs] = [watch.startMs(), Date.now()];
    if (nowMs - startMs > LONGEST_MS)
      throw new Error(
        `The program of ${library.name} wrote for ${nowMs - startMs} ms, more than the ${LONGEST_MS} ms of a recording. Nothing was recorded.`,
      );
    if (keys.length === 0) throw new Error(`The program of ${library.name} left no key. Nothing was recorded.`);
    const ids = readIds(readFileSync(logFile, 'utf8'), library.name);
    const steady = (text: string) => timesOut(idsOut(text, ids), startMs, library.times);
    return {
      library: library.library,
      version: library.version,
      packages: library.packages,
      command: `npm run record -- ${library.name}`,
      from: engine.name,
      keys: keys
        .map(
          (key) => ({ name: steady(key.name), ...ttlOf(key, watch.ttls.get(key.name), nowMs), ...steadyValue(key, steady) }) as RecordedKey,
        )
        .sort((one, other) => (one.name < other.name ? -1 : 1)),
    };
  } finally {
    watch.close();
    await store.stop();
  }
}

/** The TTL as it was written. What the store has of it shows that it was understood. */
function ttlOf({ name, ttlMs }: ReadKey, written: WrittenTtl | undefined, nowMs: number): Pick<RecordedKey, 'ttl' | 'ttlBy'> {
  // A set that was emptied and filled again has lost what it was given before.
  if (ttlMs === -1) return {};
  const left = written ? written.seconds - (nowMs - written.setAtMs) / 1000 : Number.NaN;
  if (written === undefined || Math.abs(left - ttlMs / 1000) > TTL_TOLERANCE_SECONDS)
    throw new Error(
      `${name} has a TTL of ${ttlMs} ms, but by the commands of its program ${written ? `${left.toFixed(1)} s (${written.by})` : 'none'}. Nothing was recorded.`,
    );
  // Some libraries take it from the end of the life, a moment later.
  const grain = written.seconds < 600 ? 0.001 : 10;
  return { ttl: Math.round(Math.round(written.seconds / grain) * grain * 1000) / 1000, ttlBy: written.by };
}

function steadyValue(key: ReadKey, steady: (text: string) => string): RecordedValue {
  const byText = (one: string, other: string) => (one < other ? -1 : 1);
  switch (key.type) {
    case 'string':
      return { type: key.type, value: steady(key.value) };
    case 'hash':
      return {
        type: key.type,
        value: Object.fromEntries(
          Object.entries(key.value)
            .map(([field, value]) => [steady(field), steady(value)] as const)
            .sort(([one], [other]) => byText(one, other)),
        ),
      };
    case 'list':
      return { type: key.type, value: key.value.map(steady) };
    case 'set':
      return { type: key.type, value: key.value.map(steady).sort(byText) };
    case 'zset':
      return {
        type: key.type,
        value: key.value
          .map(([member, score]) => [steady(member), steady(score)] as const)
          .toSorted(([one], [other]) => byText(one, other)),
      };
    case 'stream':
      return { type: key.type, value: key.value.map(([id, words]) => [steady(id), words.map(steady)] as const) };
  }
}
