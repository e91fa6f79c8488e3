/** Runs a client's program against a real store with each fault, and makes the recording of what it logs. */
import { spawn } from 'node:child_process';
import { DEFAULT_ENGINE } from '../../../test/store-engines.ts';
import { installLibrary, type Program } from '../record/install.ts';
import type { Client } from './clients.ts';
import type { RecordedError, WordsRecording } from './recording.ts';
import { type Fault, SITUATIONS } from './situations.ts';
import { steadyLines } from './steady-lines.ts';

const LONGEST_MS = 90_000;
/** A client that tries again writes the same again. */
const MOST_OF_ONE = 3;
const READY = '\x1dready\n';

/** All that it writes. A program that does not end is ended: what it has logged by then counts. */
async function run(program: Program, fault?: Fault): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STORE_')));
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: { ...env, ...program.env, ...fault?.env, ...(fault?.strike && { STORE_WAITS: '1' }), TZ: 'UTC' },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  let text = '';
  let failed: unknown;
  const take = (data: Buffer) => {
    text += data.toString();
    if (!text.includes(READY)) return;
    text = text.replace(READY, '');
    const strike = async () => {
      await fault?.strike?.();
      child.stdin.write('\n');
      await fault?.after?.();
    };
    strike().catch((error) => {
      failed = error;
      child.kill('SIGKILL');
    });
  };
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  clearTimeout(timer);
  if (failed) throw failed;
  return text;
}

/** @param of what was wrong; without it each entry's own first line says it */
function entriesOf(text: string, client: Client, program: Program, of?: string): RecordedError[] {
  const [, ...entries] = (client.entry ? text.replace(client.entry, '\x1e$&') : text).split('\x1e');
  const errors = entries.map((entry) => {
    const lines = entry.trimEnd().split('\n');
    const name = of ?? (lines.shift() as string);
    return { of: name, log: steadyLines(lines, program.cwd) };
  });
  const seen = new Map<string, number>();
  return errors.filter(({ of: name, log }) => {
    // Times and numbers apart.
    const looks = `${name} ${log.join('\n').replaceAll(/\d+/g, '0')}`;
    const count = seen.get(name) ?? 0;
    if (seen.has(looks) || count >= MOST_OF_ONE) return false;
    seen.set(looks, 1).set(name, count + 1);
    return true;
  });
}

export async function recordWords(client: Client): Promise<WordsRecording> {
  const program = await installLibrary(client);
  const errors: RecordedError[] = [];
  for (const name of client.situations ?? []) {
    const fault = await SITUATIONS[name].begin();
    try {
      const found = entriesOf((await run(program, fault)).replaceAll(`${fault.env['STORE_PORT']}`, '6379'), client, program, name);
      process.stdout.write(`  ${name}: ${found.length}\n`);
      errors.push(...found);
    } finally {
      await fault.end();
    }
  }
  if (client.situations === undefined) errors.push(...entriesOf(await run(program), client, program));
  if (errors.length === 0) throw new Error(`The program of ${client.name} logged nothing. Nothing was recorded.`);
  return {
    client: client.client,
    version: client.version,
    packages: client.packages,
    command: `npm run record -- words/${client.name}`,
    from: client.situations ? DEFAULT_ENGINE.name : 'its program',
    errors,
  };
}
