/** Runs scripts of the documents in a Python that has started: what is tested is the script, and not the start of Python for each of its runs. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { findPython } from '#local-aws/instances/machine-folder.ts';

const HOST = fileURLToPath(new URL('./warm_python.py', import.meta.url));

export interface Ran {
  /** Null for a script that was ended at its limit. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PythonRun {
  /** Compiled once. */
  readonly script: string;
  /** Lines that follow it. */
  readonly more?: string;
  /** @default this process's */
  readonly cwd?: string;
  /** @default this process's */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly limitSeconds: number;
}

interface Host {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** Numbers of the scripts that it has. */
  readonly scripts: Map<string, number>;
  readonly waiting: Map<number, { readonly resolve: (ran: Ran) => void; readonly reject: (error: Error) => void }>;
}

/** Shared by the files of a worker. It ends with the worker: its input ends then. */
let host: Promise<Host> | undefined;
let runs = 0;

/** @returns as `python3 -I -` with this script as its input, in a process of its own */
export async function runPython({
  script,
  more = '',
  cwd = process.cwd(),
  environment = process.env,
  limitSeconds,
}: PythonRun): Promise<Ran> {
  host ??= startHost();
  const { child, scripts, waiting } = await host;
  runs += 1;
  const id = runs;
  const known = scripts.get(script);
  const number = known ?? scripts.size;
  scripts.set(script, number);
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    const request = { id, script: number, ...(known === undefined && { text: script }), more, cwd, environment, limitSeconds };
    child.stdin.write(`${JSON.stringify(request)}\n`);
  });
}

async function startHost(): Promise<Host> {
  const python = await findPython(process.env['PATH'] ?? '');
  // Without the variables of this process, which a script gets by name.
  const child = spawn(python, ['-I', HOST], { stdio: ['pipe', 'pipe', 'inherit'], env: {} });
  const waiting: Host['waiting'] = new Map();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, ...ran } = JSON.parse(line) as Ran & { readonly id: number };
    waiting.get(id)?.resolve(ran);
    waiting.delete(id);
  });
  const fail = (why: string) => {
    host = undefined;
    for (const { reject } of waiting.values()) reject(new Error(`the Python that runs scripts has ended: ${why}`));
    waiting.clear();
  };
  child.once('error', (error) => fail(error.message));
  child.once('close', (code, signal) => fail(String(code ?? signal)));
  child.stdin.on('error', () => {}); // its end is reported above
  // None of it keeps the worker from its end.
  child.unref();
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref();
  return { child, scripts: new Map(), waiting };
}
