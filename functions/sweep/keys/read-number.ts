/** Numbers and truth values as session frameworks write them into hash fields. Pure. */

/** A number as text: its digits, the same in quotes, or typed by Jackson: `["java.lang.Long",1700000000000]`. */
const DIGITS = '(0|-?[1-9]\\d{0,18})';
const TEXT = new RegExp(`^(?:${DIGITS}|"${DIGITS}"|\\["java\\.lang\\.(?:Long|Integer)",${DIGITS}\\])$`);

/**
 * What the JDK's serialisation writes before the value: class name, serialVersionUID, the field, and the superclass.
 * Spring Session's default, and Redisson's SerializationCodec.
 */
const NUMBER = '787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870';
const JDK_LONG = Buffer.from(`aced00057372000e6a6176612e6c616e672e4c6f6e673b8be490cc8f23df0200014a000576616c7565${NUMBER}`, 'hex');
const JDK_INTEGER = Buffer.from(`aced0005737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565${NUMBER}`, 'hex');

const JDK_BOOLEAN = Buffer.from(
  'aced0005737200116a6176612e6c616e672e426f6f6c65616ecd207280d59cfaee0200015a000576616c75657870',
  'hex',
).toString('latin1');

/** Class ids that Kryo 5 registers for int (0) and long (7), plus 2. Redisson's default since 3.19 writes one of them first. */
const KRYO_INT = 0x02;
const KRYO_LONG = 0x09;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  // Kryo's class id of boolean, plus 2.
  ['\x05\x01', true],
  ['\x05\x00', false],
  [`${JDK_BOOLEAN}\x01`, true],
  [`${JDK_BOOLEAN}\x00`, false],
]);

/** @param value bytes as characters (latin1) @returns undefined for a value in any other form */
export const readBoolean = (value: string): boolean | undefined => BOOLEANS.get(value);

/**
 * A whole number in one of the forms above, and only if the whole value has that form.
 * @param value bytes as characters (latin1)
 * @returns undefined for a value in any other form
 */
export function readNumber(value: string): number | undefined {
  const [, plain, quoted, typed] = TEXT.exec(value) ?? [];
  const digits = plain ?? quoted ?? typed;
  if (digits !== undefined) return Number(digits);
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length === JDK_LONG.length + 8 && bytes.indexOf(JDK_LONG) === 0) return Number(bytes.readBigInt64BE(JDK_LONG.length));
  if (bytes.length === JDK_INTEGER.length + 4 && bytes.indexOf(JDK_INTEGER) === 0) return bytes.readInt32BE(JDK_INTEGER.length);
  if (bytes[0] === KRYO_INT) return readVariableLength(bytes.subarray(1), 5);
  if (bytes[0] === KRYO_LONG) return readVariableLength(bytes.subarray(1), 9);
  return undefined;
}

/**
 * Kryo's variable-length number: seven bits per byte, the lowest first; every byte but the last has its top bit set (the ninth
 * has eight bits of value). The sign is the lowest bit.
 * @see https://github.com/EsotericSoftware/kryo/blob/master/src/com/esotericsoftware/kryo/io/Output.java writeVarLong
 */
function readVariableLength(bytes: Buffer, most: number): number | undefined {
  const last = bytes.length - 1;
  // Kryo writes the shortest form: a last byte of 0 would be one too many.
  if (last < 0 || bytes.length > most || (last > 0 && bytes[last] === 0)) return undefined;
  let value = 0n;
  for (const [at, byte] of bytes.entries()) {
    const isFull = at === 8;
    if (!isFull && byte >= 0x80 !== at < last) return undefined;
    value |= BigInt(isFull ? byte : byte & 0x7f) << BigInt(7 * at);
  }
  if (most === 5 && value >= 1n << 32n) return undefined;
  return Number((value >> 1n) ^ -(value & 1n));
}
