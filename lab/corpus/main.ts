/** `npm run record -- NAME… [--twice]`: records keys of libraries, logs of servers, words of clients and cookies of frameworks into test/corpus. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { endWith } from '../../cli/output.ts';
import { DEFAULT_ENGINE } from '../../test/store-engines.ts';
import { COOKIE_FRAMEWORKS } from './cookies/frameworks.ts';
import { recordCookies, recordHeaders } from './cookies/record-cookies.ts';
import { REPORTS, RULES } from './cookies/recorded-cookies.ts';
import { LIBRARIES } from './libraries/all.ts';
import { unexpectedKeys } from './libraries/expectation-of.ts';
import { recordLogs } from './logs/record-logs.ts';
import { LOG_SERVERS } from './logs/servers.ts';
import { installLibrary } from './record/install.ts';
import { recordLibrary } from './record/record-library.ts';
import { fileOf, KEYS_FOLDER, MAX_FILE_BYTES, type Recording } from './recordings/recording.ts';
import { CLIENTS } from './words/all-clients.ts';
import { recordWords } from './words/record-words.ts';
import { WORDS_FOLDER, wordsFileOf } from './words/recording.ts';

const HELP = `Usage: npm run record -- NAME… [--twice]

Install a library by its pinned version, run its program against a real Valkey, and write the keys that it leaves to test/corpus/keys.

  NAME      one of the libraries of lab/corpus/libraries, or "all" for each
            "logs/SERVER": the access logs of a server of lab/corpus/logs/servers.ts, into test/corpus/logs
            "words/NAME": the errors of a client or framework of lab/corpus/words, into test/corpus/words
            "cookies/NAME": what a framework of lab/corpus/cookies sets, and what Chromium has of it, into test/corpus/cookies
  --twice   record a library twice, and end with 1 if the two differ

Exit codes: 0 written, 1 a library could not be recorded, 2 a name or an option is wrong.
`;

const textOf = (recording: Recording): string => `${JSON.stringify(recording, null, 1)}\n`;

async function record(name: string, isTwice: boolean): Promise<void> {
  const library = LIBRARIES.get(name);
  if (library === undefined)
    throw new TypeError(`There is no library "${name}". Nothing was recorded. The libraries are ${[...LIBRARIES.keys()].join(', ')}.`);
  const engine = DEFAULT_ENGINE;
  if (!/^valkey 8\./.test(engine.name)) throw new Error(`Recordings are of Valkey 8, not of ${engine.name}. Nothing was recorded.`);
  const program = await installLibrary(library);
  const recording = await recordLibrary(library, program, engine);
  const text = textOf(recording);
  if (isTwice) {
    const again = textOf(await recordLibrary(library, program, engine)).split('\n');
    const lines = text.split('\n');
    const at = lines.findIndex((line, index) => line !== again[index]);
    if (at !== -1 || again.length !== lines.length)
      throw new Error(
        `Two recordings of ${name} differ in line ${at + 1}. Nothing was written.\n  ${lines[at]?.slice(0, 2_000)}\n  ${again[at]?.slice(0, 2_000)}`,
      );
  }
  if (Buffer.byteLength(text) > MAX_FILE_BYTES)
    throw new Error(`The recording of ${name} has ${Buffer.byteLength(text)} bytes, more than ${MAX_FILE_BYTES}. Nothing was written.`);
  mkdirSync(KEYS_FOLDER, { recursive: true });
  writeFileSync(fileOf(name), text);
  process.stdout.write(`${name}: ${recording.keys.length} keys${isTwice ? ', twice the same' : ''}\n`);
  for (const key of unexpectedKeys(library, recording)) process.stdout.write(`  of no kind that the table has: ${key}\n`);
}

async function recordServer(name: string): Promise<void> {
  const server = LOG_SERVERS.get(name);
  if (server === undefined)
    throw new TypeError(`There is no server "${name}". Nothing was recorded. The servers are ${[...LOG_SERVERS.keys()].join(', ')}.`);
  for (const line of await recordLogs(server)) process.stdout.write(`${line}\n`);
}

async function recordWordsOf(name: string): Promise<void> {
  const client = CLIENTS.get(name);
  if (client === undefined)
    throw new TypeError(`There is no client "words/${name}". Nothing was recorded. The clients are ${[...CLIENTS.keys()].join(', ')}.`);
  const recording = await recordWords(client);
  mkdirSync(WORDS_FOLDER, { recursive: true });
  writeFileSync(wordsFileOf(name), `${JSON.stringify(recording, null, 1)}\n`);
  process.stdout.write(`words/${name}: ${recording.errors.length} errors\n`);
}

async function recordCookiesOf(name: string): Promise<void> {
  if (name === REPORTS || name === RULES) return void process.stdout.write(`${await recordHeaders(name)}\n`);
  const framework = COOKIE_FRAMEWORKS.get(name);
  if (framework === undefined)
    throw new TypeError(
      `There is no framework "cookies/${name}". Nothing was recorded. The frameworks are ${[...COOKIE_FRAMEWORKS.keys(), REPORTS, RULES].join(', ')}.`,
    );
  process.stdout.write(`${await recordCookies(framework)}\n`);
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { twice: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help || positionals.length === 0) {
    process.stdout.write(HELP);
    return values.help ? 0 : 2;
  }
  let code = 0;
  const names = positionals.includes('all')
    ? [...LIBRARIES.values()].filter(({ registry }) => registry !== 'source').map(({ name }) => name)
    : positionals;
  for (const name of names) {
    try {
      if (name.startsWith('logs/')) await recordServer(name.slice('logs/'.length));
      else if (name.startsWith('words/')) await recordWordsOf(name.slice('words/'.length));
      else if (name.startsWith('cookies/')) await recordCookiesOf(name.slice('cookies/'.length));
      else await record(name, values.twice === true);
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
      code = Math.max(code, error instanceof TypeError ? 2 : 1);
    }
  }
  return code;
}

await endWith(() =>
  main(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    return 2;
  }),
);
