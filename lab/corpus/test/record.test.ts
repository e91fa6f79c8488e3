import { describe, expect, it } from 'vitest';
import { fixedId, idsOut, readIds } from '../record/fixed-ids.ts';
import { noteCommand, parseMonitor, type WrittenTtl } from '../record/watch-ttls.ts';
import { FORMS, timesIn, timesOut } from '../recordings/times.ts';

const START_MS = Date.UTC(2026, 10, 26, 19, 30);

describe('a line of MONITOR', () => {
  it('has its time and its words, byte by byte', () => {
    const line = String.raw`+1764185504.500000 [0 127.0.0.1:4711] "SET" "a\"b\\" "\xac\xed\x00\n" "EX" "60"`;
    expect(parseMonitor(line)).toEqual({ atMs: 1_764_185_504_500, words: ['SET', 'a"b\\', '\xac\xed\0\n', 'EX', '60'] });
  });

  it('can be of a script, and any other line is none', () => {
    expect(parseMonitor('+1764185504.5 [0 lua] "PERSIST" "a"')?.words).toEqual(['PERSIST', 'a']);
    expect(parseMonitor('+OK')).toBeUndefined();
  });
});

describe('the TTL that commands leave', () => {
  const at = 1_764_185_504_000;
  const after = (...commands: string[]) => {
    const ttls = new Map<string, WrittenTtl>();
    for (const command of commands) noteCommand(ttls, { atMs: at, words: command.split(' ') });
    return Object.fromEntries([...ttls].map(([key, { seconds, by }]) => [key, `${seconds} ${by}`]));
  };
  it.each([
    [['SET a x EX 60'], { a: '60 SET EX' }],
    [['set a x px 1500'], { a: '1.5 SET PX' }],
    [['SETEX a 60 x', 'EXPIRE a 90'], { a: '90 EXPIRE' }],
    [[`HSET a f x`, `PEXPIREAT a ${at + 1_799_990}`], { a: '1800 PEXPIREAT' }],
    [['SET a x EX 60', 'SET a y'], {}],
    [['SET a x EX 60', 'SET a y KEEPTTL'], { a: '60 SET EX' }],
    [['SET EX EX EX 5'], { EX: '5 SET EX' }],
    [['SETEX a 60 x', 'PERSIST a'], {}],
    [['SETEX a 60 x', 'GETEX a PERSIST'], {}],
    [['SETEX a 60 x', 'RENAME a b'], { b: '60 SETEX' }],
    [['SETEX a 60 x', 'SETEX b 60 x', 'DEL a b'], {}],
  ])('%j', (commands, ttls) => {
    expect(after(...commands)).toEqual(ttls);
  });
});

describe('times', () => {
  it.each(Object.keys(FORMS))('%s is replaced by how long after the start it is, and written for another start', (name) => {
    const form = FORMS[name];
    const text = `\x05${form?.write(START_MS + 1_800_000 + (form.grainMs ? 0 : 1_234))}\x05`;
    const recorded = timesOut(text, START_MS, [name]);
    expect(recorded).toBe(`\x05⟨${name}+1800⟩\x05`);
    const written = timesIn(recorded, START_MS + 86_400_000);
    expect(timesOut(written, START_MS + 86_400_000, [name])).toBe(recorded);
  });

  it('of other years, and other numbers, stay as they are', () => {
    const text = '1264185504000 1764185504 99 2016-01-01T00:00:00.000Z 17641855040001';
    expect(timesOut(text, START_MS)).toBe(text);
  });
});

describe('ids', () => {
  it.each([
    ['hex', 'a6f1d212c0ffee00'],
    ['base64url', 'Vrr1V1SLoHMzr0c_UcVT8rR9Wl0iJCJL'],
    ['base64', 'aGVsbG8gd29ybGQ='],
    ['uuid', '3ffc86df-e597-4798-891c-d1ef6e35b290'],
  ])('of %s are replaced by others of equal length and alphabet, the same for a seed', (alphabet, id) => {
    const [, fixed] = fixedId(alphabet, id, 'one 0');
    expect(fixed).toHaveLength(id.length);
    expect(fixed).not.toBe(id);
    expect(fixedId(alphabet, fixed, 'one 0')[1]).toBe(fixed);
    expect(fixedId(alphabet, id, 'one 1')[1]).not.toBe(fixed);
  });

  it('are those that the program prints, and each place of one is replaced', () => {
    const ids = readIds('noise\nid hex 00ff\nid bytes acedff\n', 'one');
    const text = idsOut('a:00ff \xac\xed\xff 00ff', ids);
    expect(text).not.toMatch(/00ff|\xac\xed\xff/);
    expect(text).toHaveLength(15);
  });

  it('of another alphabet are refused', () => {
    expect(() => fixedId('hex', 'xyz', 'one 0')).toThrow('not of the alphabet hex: 3 characters');
    expect(() => fixedId('runes', 'xyz', 'one 0')).toThrow('alphabet "runes"');
  });
});
