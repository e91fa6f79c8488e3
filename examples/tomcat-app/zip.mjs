import { crc32, deflateRawSync } from 'node:zlib';

/** 2000-01-01 00:00 as DOS has it: content decides the bytes, not the clock. */
const DATE = ((2000 - 1980) << 9) | (1 << 5) | 1;
/** Version 2.0 of the format; names in UTF-8; deflated. */
const HEADER = { version: 20, flags: 0x0800, method: 8 };

/** A ZIP archive of `{ name, content }`. */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, content } of files) {
    const path = Buffer.from(name);
    const deflated = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(HEADER.version, 0);
    common.writeUInt16LE(HEADER.flags, 2);
    common.writeUInt16LE(HEADER.method, 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(deflated.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(HEADER.version, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, path);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, path, deflated);
    offset += 4 + common.length + path.length + deflated.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
