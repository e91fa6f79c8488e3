import { describe, expect, it } from 'vitest';
import { readNumber } from '../../../../functions/sweep/keys/evidence.ts';
import { kryoInteger, kryoLong } from '../kryo-numbers.ts';
import { serialisedInteger, serialisedLong } from '../real-store.ts';

const text = (bytes: Buffer) => bytes.toString('latin1');

describe('a number of a session', () => {
  it.each([
    ['digits', '1700000000000', 1_700_000_000_000],
    ['negative digits', '-1', -1],
    ['quoted digits', '"1800"', 1_800],
    ['Jackson with types', '["java.lang.Long",1700000000000]', 1_700_000_000_000],
    ['a serialised Long', text(serialisedLong(1_700_000_000_000)), 1_700_000_000_000],
    ['a serialised Integer', text(serialisedInteger(-1)), -1],
    // These bytes are what Kryo5Codec of Redisson 3.50.0 wrote.
    ['Kryo’s Long', '\x09\x80\xa0\xab\xfe\xf9\x62', 1_700_000_000_000],
    ['Kryo’s Long of today', '\x09\xf6\xf5\xc9\xdf\xe9\x64', 1_732_180_000_123],
    ['Kryo’s Long of 0', '\x09\x00', 0],
    ['Kryo’s Long, made here', text(kryoLong(1_700_000_000_000)), 1_700_000_000_000],
    ['Kryo’s longest Long', text(kryoLong(-(2 ** 62))), -(2 ** 62)],
    ['Kryo’s Integer', '\x02\x90\x1c', 1_800],
    ['Kryo’s −1', '\x02\x01', -1],
    ['Kryo’s smallest Integer', text(kryoInteger(-(2 ** 31))), -(2 ** 31)],
  ])('%s', (_, value, number) => expect(readNumber(value)).toBe(number));

  it.each([
    ['nothing', ''],
    ['words', '12 o’clock'],
    ['a fraction', '1.7e12'],
    ['half a quote', '"1800'],
    ['a closing bracket', '1800]'],
    ['zeros before the digits', '0001800'],
    ['digits and more', '1700000000000\n'],
    ['another class', '["java.util.Date",1700000000000]'],
    ['a truncated Long', text(serialisedLong(1_700_000_000_000).subarray(0, -1))],
    ['a Long with more behind it', `${text(serialisedLong(1_700_000_000_000))}x`],
    ['an object with a Long in it', text(serialisedLong(1_700_000_000_000)).replace('java.lang.Long', 'java.lang.LonX')],
    ['Kryo’s class alone', '\x09'],
    ['Kryo’s Long without its end', '\x09\x80\xa0\xa6'],
    ['Kryo’s Long with more behind it', '\x09\x80\xa0\xab\xfe\xf9\x62\x00'],
    ['Kryo’s Long in a longer form', '\x09\x81\x00'],
    ['Kryo’s String', '\x03\x811'],
    ['Kryo with references: a class id and a mark', '\x09\x01\x80\xa0\xa6\xae\xf9\x62'],
    ['an Integer of more than 32 bits', '\x02\xff\xff\xff\xff\x7f'],
    ['JBoss Marshalling’s Long', '\x04\x09\x32\x00\x00\x01\x8b\xcf\xe5\x68\x00'],
    ['MessagePack', '\xcf\x00\x00\x01\x8b\xcf\xe5\x68\x00'],
    ['Smile', ':)\n\x05\x25\x01'],
    ['LZ4 around it', '\x00\x00\x00\x07\x00\x00\x00\x07p\x09'],
  ])('%s is none', (_, value) => expect(readNumber(value)).toBeUndefined());
});
