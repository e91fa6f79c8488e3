/** The commands that a session sends, and those that a user can run, as the server itself reports them. */
import type { Redis } from 'ioredis';

/** A command of the inner administrator. */
export type Admin = (...words: readonly string[]) => Promise<unknown>;

/** Sent last. MONITOR reports each command before the server replies to the next one, so that no other is still missing. */
const END_MARK = 'end-of-the-session';

/**
 * Without commands that every user can run, such as AUTH and HELLO: no rule applies to them.
 *
 * @param observer a connection of a user who can run MONITOR; it cannot be reused
 * @returns names as ACL rules have them, those in scripts among them: `info`, `client|list`
 */
export async function recordCommands(observer: Redis, admin: Admin, work: () => Promise<unknown>): Promise<ReadonlySet<string>> {
  const judged = await judgedCommands(admin);
  const monitor = await observer.monitor();
  const before = await addresses(admin);
  const seen = new Set<string>();
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  monitor.on('monitor', (_time: string, words: string[], source: string) => {
    if (words[1] === END_MARK) ended();
    if (before.has(source)) return;
    const [command = '', subcommand = ''] = words.map((word) => word.toLowerCase());
    const name = judged.has(`${command}|${subcommand}`) ? `${command}|${subcommand}` : command;
    if (judged.has(name)) seen.add(name);
  });
  try {
    await work();
    await admin('ECHO', END_MARK);
    await end;
  } finally {
    monitor.disconnect();
  }
  return seen;
}

/** @returns names of the commands that a user's rules allow, for any key */
export async function runnableCommands(admin: Admin, userName: string): Promise<ReadonlySet<string>> {
  const runnable = new Set<string>();
  for (const [name, arity] of await judgedCommands(admin)) {
    const words = name.split('|');
    const fillers = Array.from({ length: Math.max(0, Math.abs(arity) - words.length) }, () => '1');
    const verdict = String(await admin('ACL', 'DRYRUN', userName, ...words, ...fillers));
    if (!verdict.includes('no permissions to run')) runnable.add(name);
  }
  return runnable;
}

/** Commands that a user can run and that key patterns do not restrict. */
export async function keylessCommands(admin: Admin, userName: string): Promise<readonly string[]> {
  const runnable = await runnableCommands(admin, userName);
  const infos = (await admin('COMMAND', 'INFO', ...runnable)) as [name: string, arity: number, flags: string[], firstKey: number][];
  return infos.filter(([, , flags, firstKey]) => firstKey === 0 && !flags.includes('movablekeys')).map(([name]) => name);
}

/** Every command and subcommand that ACL rules decide on, with its arity; one that needs a subcommand does not count itself. */
async function judgedCommands(admin: Admin): Promise<ReadonlyMap<string, number>> {
  const names = (await admin('COMMAND', 'LIST')) as string[];
  const containers = new Set(names.filter((name) => name.includes('|')).map((name) => name.split('|')[0]));
  const infos = (await admin('COMMAND', 'INFO', ...names)) as [name: string, arity: number, flags: string[]][];
  return new Map(
    infos
      .filter(([name, arity, flags]) => (!containers.has(name) || Number(arity) === -1) && !flags.includes('no_auth'))
      .map(([name, arity]) => [name, Number(arity)]),
  );
}

async function addresses(admin: Admin): Promise<ReadonlySet<string>> {
  return new Set(String(await admin('CLIENT', 'LIST')).match(/(?<= addr=)\S+/g));
}
