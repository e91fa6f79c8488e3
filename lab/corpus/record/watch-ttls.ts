/** The TTLs that a program's commands give its keys, as MONITOR shows them. */
import net from 'node:net';

export interface Command {
  readonly atMs: number;
  /** Bytes are characters (latin1). */
  readonly words: readonly string[];
}

export interface WrittenTtl {
  readonly seconds: number;
  /** Milliseconds since the epoch. */
  readonly setAtMs: number;
  readonly by: string;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** A line of MONITOR: `+1700000000.123456 [0 127.0.0.1:4711] "SET" "a\xff" "1"`. @returns undefined for any other line */
export function parseMonitor(line: string): Command | undefined {
  const [, seconds, rest] = /^\+(\d+\.\d+) \[\d+ [^\]]+\] (.*)$/s.exec(line) ?? [];
  if (seconds === undefined || rest === undefined) return undefined;
  const words = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word = '']) =>
    word.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, hex?: string, character = '') =>
      hex === undefined ? (ESCAPES[character] ?? character) : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );
  return { atMs: Number(seconds) * 1000, words };
}

/** Words that set a time to live, with the milliseconds of one of its unit, and whether they name the time of its end. */
const OPTIONS: Readonly<Record<string, { readonly unitMs: number; readonly isEnd: boolean }>> = {
  EX: { unitMs: 1000, isEnd: false },
  PX: { unitMs: 1, isEnd: false },
  EXAT: { unitMs: 1000, isEnd: true },
  PXAT: { unitMs: 1, isEnd: true },
};
const COMMANDS: typeof OPTIONS = {
  SETEX: { unitMs: 1000, isEnd: false },
  PSETEX: { unitMs: 1, isEnd: false },
  EXPIRE: { unitMs: 1000, isEnd: false },
  PEXPIRE: { unitMs: 1, isEnd: false },
  EXPIREAT: { unitMs: 1000, isEnd: true },
  PEXPIREAT: { unitMs: 1, isEnd: true },
};

/** A library computes the end of a life a moment before it sends it. */
const END_GRAIN_SECONDS = 5;

/** Notes what one command does to the TTLs of the keys. A refused condition (NX) is noticed later: the store's own TTL differs. */
export function noteCommand(ttls: Map<string, WrittenTtl>, { atMs, words }: Command): void {
  const [name = '', key = '', third = ''] = words;
  const command = name.toUpperCase();
  const set = (by: string, text: string | undefined, { unitMs, isEnd }: (typeof OPTIONS)[string]) => {
    const ms = Number(text) * unitMs - (isEnd ? atMs : 0);
    const seconds = isEnd ? Math.round(ms / 1000 / END_GRAIN_SECONDS) * END_GRAIN_SECONDS : ms / 1000;
    ttls.set(key, { seconds, setAtMs: atMs, by });
  };
  const own = COMMANDS[command];
  if (own) set(command, third, own);
  else if (command === 'SET' || command === 'GETEX') {
    const options = words.map((word) => word.toUpperCase());
    const at = options.findIndex((word, index) => index >= (command === 'SET' ? 3 : 2) && word in OPTIONS);
    if (at !== -1) set(`${command} ${options[at]}`, words[at + 1], OPTIONS[options[at] as string] as (typeof OPTIONS)[string]);
    else if (command === 'SET' && !options.includes('KEEPTTL')) ttls.delete(key);
    else if (command === 'GETEX' && options.includes('PERSIST')) ttls.delete(key);
  } else if (command === 'PERSIST') ttls.delete(key);
  else if (command === 'DEL' || command === 'UNLINK') for (const gone of words.slice(1)) ttls.delete(gone);
  else if (command === 'RENAME' || command === 'RENAMENX') {
    const moved = ttls.get(key);
    ttls.delete(key);
    if (moved) ttls.set(third, moved);
  }
}

export interface Watch {
  readonly ttls: ReadonlyMap<string, WrittenTtl>;
  /** When the first command that writes arrived, in milliseconds since the epoch. */
  startMs(): number;
  close(): void;
}

const READS =
  /^(hello|client|auth|select|info|ping|command|config|monitor|get|hgetall|scan|cluster|role|subscribe|psubscribe|script|exists|multi|function)$/i;

/** Watches a store's commands until it is closed. */
export async function watchTtls(port: number): Promise<Watch> {
  const ttls = new Map<string, WrittenTtl>();
  let startMs: number | undefined;
  let rest = '';
  const socket = net.connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('data', (data) => {
      const lines = (rest + data.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '+OK') resolve();
        const command = parseMonitor(line);
        if (command === undefined) continue;
        if (!READS.test(command.words[0] ?? '')) startMs ??= command.atMs;
        noteCommand(ttls, command);
      }
    });
    socket.write('MONITOR\r\n');
  });
  return { ttls, startMs: () => startMs ?? Date.now(), close: () => void socket.destroy() };
}
