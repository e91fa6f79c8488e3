/** Parts of tar archives that tar libraries refuse to write. */
import { gzipSync } from 'node:zlib';

/** One header of a tar, and zeros after it. @param sizeField as it is in the header: octal digits, or bytes of base 256 */
export function rawMember(type: string, name: string, sizeField: string, zeros = 0): Buffer {
  const header = Buffer.alloc(512);
  for (const [at, text] of [
    [0, name],
    [100, '0000644'],
    [124, sizeField],
    [148, '        '],
    [156, type],
    [257, 'ustar\x0000'],
  ] as const)
    header.write(text, at, 'latin1');
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return Buffer.concat([header, Buffer.alloc(zeros)]);
}

/** A member with its content. */
export function rawFile(type: string, name: string, content: string | Buffer): Buffer {
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
  Buffer.from(content).copy(body);
  return Buffer.concat([rawMember(type, name, Buffer.byteLength(content).toString(8).padStart(11, '0')), body]);
}

/** A record of a pax header: its own length first. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const digits = (length: number): string => (`${length}`.length + rest.length === length ? `${length}${rest}` : digits(length + 1));
  return digits(rest.length + 1);
}

const END = Buffer.alloc(1024);
export const rawArchive = (...members: Buffer[]): Buffer => gzipSync(Buffer.concat([...members, END]));

const MEGABYTE = Buffer.alloc(1024 ** 2);

/** A .tar.gz that goes on with zeros after these members: gzip streams one after another are one. */
export const rawBomb = (megabytes: number, ...members: Buffer[]): Buffer => {
  const zeros = gzipSync(MEGABYTE);
  return Buffer.concat([gzipSync(Buffer.concat(members)), ...Array.from({ length: megabytes }, () => zeros)]);
};
