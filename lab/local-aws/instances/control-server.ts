/**
 * Where a machine's `systemctl`, `journalctl`, `dnf` and `amazon-ssm-agent` reach the machine. TCP on the loopback with a secret per machine: a Unix socket's
 * path is limited to 104 characters, which a folder deep in a home directory exceeds.
 *
 * The protocol is lines, so that the shim needs only bash: the secret, the number of words, the program's name and
 * each argument; back come `1` or `2` before each line of output and `=` before the exit code.
 */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { CommandReply } from './command-reply.ts';

export type CommandHandler = (args: readonly string[]) => Promise<CommandReply>;

export interface ControlServer {
  readonly port: number;
  /** A new machine: its secret. */
  admit(handler: CommandHandler): string;
  dismiss(secret: string): void;
  close(): Promise<void>;
}

/** A caller that sends nothing is let go after this. */
const REQUEST_MS = 5_000;
const MOST_ARGUMENTS = 64;

export async function startControlServer(): Promise<ControlServer> {
  const handlers = new Map<string, CommandHandler>();
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    void serve(socket, handlers);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    admit(handler) {
      const secret = randomBytes(16).toString('hex');
      handlers.set(secret, handler);
      return secret;
    },
    dismiss: (secret) => void handlers.delete(secret),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function serve(socket: Socket, handlers: ReadonlyMap<string, CommandHandler>): Promise<void> {
  const timer = setTimeout(() => socket.destroy(), REQUEST_MS);
  try {
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const line = async (): Promise<string> => {
      const next = await lines.next();
      if (next.done) throw new Error('the call ended early');
      return next.value;
    };
    const handler = handlers.get(await line());
    const count = Number(await line());
    if (handler === undefined || !Number.isInteger(count) || count < 0 || count > MOST_ARGUMENTS)
      throw new Error('the secret or the number of arguments is wrong');
    const args: string[] = [];
    while (args.length < count) args.push(await line());
    clearTimeout(timer);
    const reply = await handler(args);
    socket.end(`${tagged('1', reply.stdout)}${tagged('2', reply.stderr)}=${reply.code}\n`);
  } catch {
    socket.destroy();
  } finally {
    clearTimeout(timer);
  }
}

function tagged(tag: string, text = ''): string {
  return text
    .split('\n')
    .filter((line, index, all) => line !== '' || index < all.length - 1)
    .map((line) => `${tag}${line}\n`)
    .join('');
}
