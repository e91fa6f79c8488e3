/** What holds for any bytes in a session's fields: random numbers in each framework's form, and the same with some bytes changed. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../functions/sweep/contract/settings.ts';
import { chooseRepair } from '../../../../functions/sweep/keys/choose-repair.ts';
import { createClassify, type KnownKey } from '../../../../functions/sweep/keys/classify-key.ts';
import { readNumber } from '../../../../functions/sweep/keys/evidence.ts';
import { readLife } from '../../../../functions/sweep/keys/read-life.ts';
import { kryoInteger, kryoLong } from '../kryo-numbers.ts';
import { random } from '../random.ts';
import { serialisedInteger, serialisedLong } from '../real-store.ts';

const RUNS = 20_000;
const NOW = 1_700_000_000_000;
const classify = createClassify(DEFAULT_SWEEP_SETTINGS);

/** Each way in which a framework writes a Long, and an Integer. */
const LONGS: readonly ((value: number) => Buffer)[] = [
  serialisedLong,
  kryoLong,
  (value) => Buffer.from(String(value)),
  (value) => Buffer.from(`"${value}"`),
  (value) => Buffer.from(`["java.lang.Long",${value}]`),
];
const INTEGERS: readonly ((value: number) => Buffer)[] = [
  serialisedInteger,
  kryoInteger,
  (value) => Buffer.from(String(value)),
  (value) => Buffer.from(`"${value}"`),
  (value) => Buffer.from(`["java.lang.Integer",${value}]`),
];

type Next = () => number;
const below = (next: Next, limit: number) => Math.floor(next() * limit);
const oneOf = <T>(next: Next, values: readonly T[]): T => values[below(next, values.length)] as T;
const bytesOf = (next: Next, length: number) => Buffer.from(Array.from({ length }, () => below(next, 256)));

function changed(next: Next, bytes: Buffer): Buffer {
  const at = below(next, bytes.length);
  switch (below(next, 5)) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), bytesOf(next, 1), bytes.subarray(at + 1)]);
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes, bytesOf(next, 1 + below(next, 4))]);
    case 3:
      return Buffer.concat([bytesOf(next, 1), bytes]);
    default:
      return bytesOf(next, below(next, 16));
  }
}

/** Whether a framework writes exactly these bytes for this number. */
const isWritten = (bytes: Buffer, value: number): boolean =>
  LONGS.some((write) => write(value).equals(bytes)) ||
  (Math.abs(value) <= 2 ** 31 && (value === 2 ** 31 ? [] : INTEGERS).some((write) => write(value).equals(bytes)));

it('a number is read only from the bytes that a framework writes for this number', () => {
  const next = random(1);
  let read = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const value = oneOf(next, [below(next, 2 ** 41), -below(next, 100), below(next, 2 ** 31), 0]);
    const isInteger = Math.abs(value) < 2 ** 31 && next() < 0.5;
    const bytes = changed(next, oneOf(next, isInteger ? INTEGERS : LONGS)(value));
    const number = readNumber(bytes.toString('latin1'));
    if (number === undefined || !Number.isSafeInteger(number)) continue;
    read += 1;
    expect([bytes.toString('hex'), number, isWritten(bytes, number)]).toEqual([bytes.toString('hex'), number, true]);
  }
  expect(read).toBeGreaterThan(RUNS / 100);
});

describe.each([
  ['Spring', 'spring:session:sessions:a', 'hash', 'lastAccessedTime', 'maxInactiveInterval', 300],
  ['Spring’s marker', 'spring:session:sessions:expires:a', 'string', 'lastAccessedTime', 'maxInactiveInterval', 0],
  ['Redisson', 'redisson:tomcat_session:a', 'hash', 'session:lastAccessedTime', 'session:maxInactiveInterval', 60],
] as const)('%s', (_, key, type, lastAccess, maxInactive, graceSeconds) => {
  const known = classify(key, type)[0] as KnownKey;
  const decide = (next: Next, fields: Record<string, Buffer>, idleSeconds: number | undefined) => {
    const source = known.rule.life;
    if (!source) throw new Error('a session has a life');
    const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.toString('latin1')]));
    const life = readLife(source, key, { idleSeconds, fields: texts }, NOW);
    return chooseRepair(known, life, { ...DEFAULT_SWEEP_SETTINGS, policy: 'delete' }, next(), 1);
  };

  it('a life is never shorter than the framework’s, whatever the form of its numbers', () => {
    const next = random(2);
    for (let run = 0; run < RUNS; run += 1) {
      const usedSecondsAgo = oneOf(next, [below(next, 4_000), below(next, 1_000_000), -below(next, 4_000)]);
      const max = oneOf(next, [below(next, 4_000), below(next, 1_000_000), -1 - below(next, 9), 0]);
      const last = oneOf(next, LONGS)(NOW - usedSecondsAgo * 1_000);
      const repair = decide(next, { [lastAccess]: last, [maxInactive]: oneOf(next, INTEGERS)(max) }, oneOf(next, [undefined, 9_999_999]));
      const remaining = max + graceSeconds - Math.max(0, usedSecondsAgo);
      if (max < 0) expect(repair).toEqual({ action: 'leave', reason: 'permanent' });
      else if (repair.action === 'expire') expect(repair.seconds).toBeGreaterThanOrEqual(remaining);
      else expect([repair, remaining <= 0]).toEqual([{ action: 'delete' }, true]);
    }
  });

  it('with a field in another form the key is left', () => {
    const next = random(3);
    let unreadable = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const last = oneOf(next, LONGS)(NOW - below(next, 1_000_000) * 1_000);
      const max = oneOf(next, INTEGERS)(below(next, 4_000));
      const [oddLast, oddMax] = next() < 0.5 ? [changed(next, last), max] : [last, changed(next, max)];
      if ([oddLast, oddMax].every((bytes) => readNumber(bytes.toString('latin1')) !== undefined)) continue;
      unreadable += 1;
      const repair = decide(next, { [lastAccess]: oddLast, [maxInactive]: oddMax }, below(next, 9_999_999));
      expect(repair).toEqual({ action: 'leave', reason: 'unreadable' });
    }
    expect(unreadable).toBeGreaterThan(RUNS / 2);
  });
});
