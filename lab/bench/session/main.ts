/** `npm run bench:session`: requests that change nothing, on stock connect-redis and on session/user-sessions, in one run. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { readSetup } from '../../../setup/read-setup.mjs';
import { progressLog, runBench } from '../run-bench.ts';
import { startBenchServer } from '../sweep/stores/bench-server.ts';
import { makeCertificate } from '../sweep/stores/make-certificate.ts';
import { judge, type Round } from './judge.ts';
import { type Load, startLoad } from './load.ts';
import { addUser, type StoreLogin } from './store-login.ts';

const HELP = `Usage: npm run bench:session -- [options]

Measure requests of logged-in users that change nothing: stock connect-redis and session/user-sessions side by side, on one
store, a process per server, the two in turn in each round. Each server reaches the store over TLS, as the user that a created
store has for an application.

  --rounds N    an odd number of rounds (default 61)
  --ms N        length of each measurement; short ones, in turn, meet the same disturbances (default 400)
  --users N     connections at once (default 16)
  --json        print exactly one line on standard output: {"stock":{"perSecond","commandsPerRequest"},"guarded":{…},
                "throughputRatio","met"}
  --help

Exit codes: 0 one command per request and at least 0.95 of the throughput of stock, 1 not, 2 an option is wrong.
`;

interface Options {
  readonly json: boolean;
  readonly rounds: number;
  readonly ms: number;
  readonly users: number;
}

function parseOptions(args: string[]): Options | 'help' {
  const option = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      rounds: option('61'),
      ms: option('400'),
      users: option('16'),
    },
  });
  if (values.help) return 'help';
  const whole = (name: 'rounds' | 'ms' | 'users', most: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most)
      throw new TypeError(`--${name} ${JSON.stringify(values[name])} is not a whole number from 1 to ${most}. Nothing was started.`);
    return value;
  };
  const rounds = whole('rounds', 999);
  if (rounds % 2 === 0) throw new TypeError(`--rounds ${rounds} is not odd. Nothing was started.`);
  return { json: values.json, rounds, ms: whole('ms', 60_000), users: whole('users', 256) };
}

interface Subject {
  readonly load: Load;
  stop(): void;
}

async function startSubject(kind: 'stock' | 'guarded', login: StoreLogin, users: number): Promise<Subject> {
  const child = fork(path.join(import.meta.dirname, 'server.ts'), [kind], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the server of ${kind} ended before it listened`)));
  ended.catch(() => undefined);
  // Not as an argument, which every process of the machine can read.
  child.send(login);
  const [port] = (await Promise.race([once(child, 'message'), ended])) as [number];
  const load = await startLoad(port, users);
  return {
    load,
    stop() {
      load.close();
      child.kill();
    },
  };
}

const READS_COUNT = 1;
const commandsOf = async (redis: Redis): Promise<number> => Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);

async function measure(redis: Redis, { load }: Subject, forMs: number): Promise<Round> {
  const before = await commandsOf(redis);
  const { requests, perSecond } = await load.run(forMs);
  return { requests, perSecond, commands: (await commandsOf(redis)) - before - READS_COUNT };
}

async function bench({ json, rounds, ms, users }: Options): Promise<number> {
  const log = progressLog(json);
  const program = readSetup().storeServer;
  if (!program) throw new Error('The benchmark needs Valkey or Redis: run `npm start` once, which installs one where it can.');
  const certificates = mkdtempSync(path.join(tmpdir(), 'bench-session-tls-'));
  const { caPem, tlsWords } = await makeCertificate(certificates);
  const store = await startBenchServer(program, tlsWords);
  const subjects: Subject[] = [];
  try {
    await store.redis.ping();
    for (const kind of ['stock', 'guarded'] as const) {
      const login = { tlsPort: store.address.tlsPort, caPem, password: await addUser(store.redis, kind) };
      subjects.push(await startSubject(kind, login, users));
    }
    const [stock, guarded] = subjects as [Subject, Subject];
    for (const { load } of subjects) await load.run(1_000);
    const done: { stock: Round; guarded: Round }[] = [];
    for (let number = 1; number <= rounds; number += 1) {
      // Who goes first alternates, so that a machine that slows down favours neither.
      const order = number % 2 === 1 ? (['stock', 'guarded'] as const) : (['guarded', 'stock'] as const);
      const round: Partial<Record<'stock' | 'guarded', Round>> = {};
      for (const kind of order) round[kind] = await measure(store.redis, kind === 'stock' ? stock : guarded, ms);
      done.push(round as { stock: Round; guarded: Round });
      log(`round ${number}: ${order.map((kind) => `${kind} ${round[kind]?.perSecond.toFixed(0)}/s`).join(', ')}`);
    }
    const result = judge(done);
    const { stock: a, guarded: b, throughputRatio, met } = result;
    const line = `commands per request: stock ${a.commandsPerRequest}, guarded ${b.commandsPerRequest}; throughput ${throughputRatio} of stock (${b.perSecond}/s and ${a.perSecond}/s)`;
    process.stdout.write(`${json ? JSON.stringify(result) : line}\n`);
    return met ? 0 : 1;
  } finally {
    for (const subject of subjects) subject.stop();
    await store.stop();
    rmSync(certificates, { recursive: true, force: true });
  }
}

await runBench(parseOptions, HELP, bench);
