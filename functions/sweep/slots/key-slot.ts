/**
 * The hash slot of a key: CRC16 (XMODEM) of its hash tag, or of the whole key, modulo 16384. Pure.
 * @see https://valkey.io/topics/cluster-spec/#key-distribution-model
 */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});
const OPEN = '{'.charCodeAt(0);
const CLOSE = '}'.charCodeAt(0);

export function keySlot(key: Buffer): number {
  let crc = 0;
  for (const byte of hashTag(key)) crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] as number);
  return crc % 16_384;
}

/** What is between the first `{` and the next `}`, if anything is; otherwise the whole key. */
function hashTag(key: Buffer): Buffer {
  const open = key.indexOf(OPEN);
  const close = open === -1 ? -1 : key.indexOf(CLOSE, open);
  return close > open + 1 ? key.subarray(open + 1, close) : key;
}
