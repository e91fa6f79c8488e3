import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

/** A contract with nothing wrong in it. */
export const CONTRACT = {
  start: ['node', 'server.mjs'],
  port: 8080,
  health: { loadBalancer: '/live', ready: '/health' },
  inFlight: { path: '/internal/status', field: 'inFlight' },
};

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'release-test-'));

/** Writes files under `folder`, the contract included unless `files` has one. */
export async function writeRelease(folder: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  for (const [name, content] of Object.entries({ 'holdfast.app.json': JSON.stringify(CONTRACT), 'server.mjs': 'listen()', ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Writes a .tar.gz of these members, hostile ones too. */
export async function writeArchive(
  file: string,
  members: readonly (Partial<Header> & { name: string; content?: string })[],
): Promise<string> {
  const tar = pack();
  for (const { content = '', ...header } of members) tar.entry(header as Header, content);
  tar.finalize();
  await pipeline(tar, createGzip(), createWriteStream(file));
  return file;
}
