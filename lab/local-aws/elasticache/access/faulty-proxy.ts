/** A proxy in front of a store that does not do what it should. */
import { once } from 'node:events';
import type { Socket } from 'node:net';

export type StoreProxy = 'pingOnly' | 'noPing';

const ANSWERS: Readonly<Record<string, string>> = {
  PING: '+PONG',
  AUTH: '+OK',
  CLIENT: '+OK',
  SELECT: '+OK',
  HELLO: "-ERR unknown command 'HELLO'",
};
const LOST = '-ERR Connection refused';

/** It has lost its store: it answers PING and log-ins by itself, as twemproxy does, and has an error for everything else. */
export function answerPings(client: Socket): void {
  let pending = '';
  client.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1');
    for (let command = firstCommand(pending); command !== undefined; command = firstCommand(pending)) {
      pending = pending.slice(command.end);
      client.write(`${ANSWERS[command.name.toUpperCase()] ?? LOST}\r\n`);
    }
  });
}

/** It closes a connection that begins with PING, as a check does. Everybody else logs in first. */
export async function refusesPing(client: Socket): Promise<boolean> {
  const [first] = (await once(client, 'data').catch(() => [])) as [Buffer?];
  if (first === undefined) return true;
  client.pause();
  const refuses = firstCommand(first.toString('latin1'))?.name.toUpperCase() === 'PING';
  if (refuses) client.destroy();
  else client.unshift(first);
  return refuses;
}

/** Undefined until all of it is there. */
function firstCommand(text: string): { readonly name: string; readonly end: number } | undefined {
  let end = text.indexOf('\r\n') + 2;
  if (end < 2) return undefined;
  if (!text.startsWith('*')) return { name: text.slice(0, end - 2).split(' ')[0] ?? '', end };
  let name = '';
  for (let words = Number(text.slice(1, end - 2)); words > 0; words -= 1) {
    const afterLength = text.indexOf('\r\n', end) + 2;
    if (afterLength < 2) return undefined;
    const afterWord = afterLength + Number(text.slice(end + 1, afterLength - 2));
    if (afterWord + 2 > text.length) return undefined;
    name ||= text.slice(afterLength, afterWord);
    end = afterWord + 2;
  }
  return { name, end };
}
