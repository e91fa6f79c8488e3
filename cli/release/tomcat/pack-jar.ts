import { crc32 } from 'node:zlib';

export interface JarEntry {
  readonly name: string;
  readonly content: Buffer;
}

/** 2000-01-01 00:00 as DOS has it: content decides the bytes, not the clock. */
const DATE = ((2000 - 1980) << 9) | (1 << 5) | 1;
const VERSION = 20;

/** A jar of stored entries: not compressed, so that the bytes do not depend on the version of zlib. */
export function packJar(entries: readonly JarEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const path = Buffer.from(name);
    // What the entry and its line in the directory have in common: version to the length of the extra field.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const line = Buffer.alloc(46);
    line.write('PK\x01\x02', 'latin1');
    line.writeUInt16LE(VERSION, 4);
    common.copy(line, 6);
    line.writeUInt32LE(offset, 42);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, path, content);
    directory.push(line, path);
    offset += 30 + path.length + content.length;
  }
  const lines = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(lines.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, lines, end]);
}
