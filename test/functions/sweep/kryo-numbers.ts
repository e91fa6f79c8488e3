/** Numbers as Kryo 5's writeClassAndObject writes them: Redisson's default codec. */

/** A java.lang.Long: class id 7 and 2 more, then its value, seven bits per byte. */
export const kryoLong = (value: number): Buffer => Buffer.from([9, ...variableLength(BigInt(value), 64n)]);
/** A java.lang.Integer: class id 0 and 2 more. */
export const kryoInteger = (value: number): Buffer => Buffer.from([2, ...variableLength(BigInt(value), 32n)]);

/** Output.writeVarLong and writeVarInt with `optimizePositive` false. */
function variableLength(value: bigint, bits: bigint): number[] {
  let rest = BigInt.asUintN(Number(bits), (value << 1n) ^ (value >> (bits - 1n)));
  const bytes: number[] = [];
  while (rest >= 0x80n && bytes.length < 8) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
