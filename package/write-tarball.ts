import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

/** As npm has it in every tarball: the same content is the same bytes. */
const MTIME = new Date('1985-10-26T08:15:00.000Z');

export interface Tarball {
  readonly files: number;
  readonly unpackedBytes: number;
}

/** Writes `folder` as a tarball that npm installs. @param executable files with that mode, relative to the folder */
export async function writeTarball(folder: string, file: string, executable: readonly string[]): Promise<Tarball> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
  const tar = pack();
  const written = pipeline(tar, createGzip({ level: 9 }), createWriteStream(file));
  let unpackedBytes = 0;
  for (const name of names) {
    const content = await readFile(path.join(folder, name));
    unpackedBytes += content.length;
    tar.entry({ name: `package/${name}`, mode: executable.includes(name) ? 0o755 : 0o644, mtime: MTIME, uid: 0, gid: 0 }, content);
  }
  tar.finalize();
  await written;
  return { files: names.length, unpackedBytes };
}
