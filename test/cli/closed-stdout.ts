/** Runs a process's work with a standard output whose reader has gone, in this process: the writes fail as on a closed pipe. */
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { endWith } from '../../cli/output.ts';

export interface EndedUnread {
  /** What the process ends with. */
  readonly code: number | undefined;
  readonly stderr: string;
}

/** @param work what prints, and returns an exit code */
export async function runUnread(work: () => Promise<number>): Promise<EndedUnread> {
  const stdout = await closedSocket();
  const written: string[] = [];
  const stderr = new Writable({
    write: (chunk, _, done) => {
      written.push(String(chunk));
      done();
    },
  });
  const own = { stdout: process.stdout, stderr: process.stderr, exit: process.exit };
  const codes: number[] = [];
  const set = (streams: object) => {
    for (const [name, value] of Object.entries(streams))
      Object.defineProperty(process, name, { value, configurable: true, writable: true });
  };
  // A real process is gone with its first exit, and what follows here is not of it.
  set({ stdout, stderr, exit: (code: number) => codes.push(code) });
  try {
    await endWith(work);
    return { code: codes[0], stderr: written.join('') };
  } finally {
    set(own);
    stdout.destroy();
  }
}

let made = 0;

/** A socket whose other end is closed: a write to it is refused with EPIPE. */
async function closedSocket(): Promise<Socket> {
  made += 1;
  const file = path.join(tmpdir(), `holdfast-${process.pid}-${made}.sock`);
  const server = createServer((other) => other.destroy()).listen(file);
  await once(server, 'listening');
  const socket = connect({ path: file, allowHalfOpen: true });
  await once(socket, 'connect');
  await new Promise((resolve) => server.close(resolve));
  rmSync(file, { force: true });
  return socket;
}
