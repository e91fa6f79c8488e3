/** A server's folder with a release, its contract and planted logs, and the documents read-logs and access-log run on it as the agent would. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OUTPUT_OF, type ReadLogsOutput } from '../../../../functions/incidents/contract/read-logs.ts';
import { type PeopleOutput, peopleOutput } from '../../../../functions/people/contract.ts';
import { READ_CONTENTS } from '../../../../server/documents/read-logs.ts';
import { runStep } from '../run-step.ts';

/** The documents as they are deployed. */
const CONTENTS = READ_CONTENTS.map(([name, step, content]) => [name, step, content()] as const);
export const HASH_KEY = 'ab'.repeat(32);
/** Begin of what is counted. */
export const FROM_MS = Date.UTC(2026, 10, 21, 20, 0, 0);
export const MINUTE_MS = 60_000;

export interface PlantedServer {
  readonly root: string;
  /** The application's own folder. */
  readonly data: string;
  /** @param atMs of its last change; the end of what is counted by default */
  write(path: string, content: string | Buffer, atMs?: number): string;
  contract(contract: object): void;
  environment(lines: Readonly<Record<string, string>>): void;
  /** @param document by default both, and what they answer together */
  run(
    parameters?: Readonly<Record<string, string>>,
    document?: keyof typeof OUTPUT_OF,
  ): Promise<{ output: ReadLogsOutput & Pick<PeopleOutput, 'people'>; stdout: string; ms: number }>;
  remove(): void;
}

export function plantServer(): PlantedServer {
  const root = mkdtempSync(join(tmpdir(), 'read-logs-'));
  const data = join(root, 'var');
  const release = join(root, 'releases/1.0.0');
  for (const folder of [data, release, join(root, 'etc'), join(root, 'bin')]) mkdirSync(folder, { recursive: true });
  symlinkSync(release, join(root, 'current'));
  // No journal: not that of the machine that runs the tests.
  writeFileSync(join(root, 'bin/journalctl'), '#!/bin/sh\nexit 1\n');
  chmodSync(join(root, 'bin/journalctl'), 0o755);
  const write = (path: string, content: string | Buffer, atMs = FROM_MS + 60 * MINUTE_MS) => {
    const file = path.startsWith('/') ? path : join(data, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, atMs / 1000, atMs / 1000);
    return file;
  };
  return {
    root,
    data,
    write,
    contract: (contract) => void writeFileSync(join(release, 'holdfast.app.json'), JSON.stringify(contract)),
    environment: (lines) =>
      void writeFileSync(
        join(root, 'etc/instance.env'),
        Object.entries(lines)
          .map(([name, value]) => `${name}="${value}"\n`)
          .join(''),
      ),
    async run(parameters = {}, document) {
      const begunAtMs = performance.now();
      const environment = {
        HOLDFAST_ROOT: root,
        PATH: join(root, 'bin'),
        SSM_hashKey: HASH_KEY,
        SSM_fromMs: String(FROM_MS),
        SSM_toMs: String(FROM_MS + 60 * MINUTE_MS),
        ...parameters,
      };
      const schema = (name: keyof typeof OUTPUT_OF) => (parameters['SSM_sinceMs'] === undefined ? OUTPUT_OF[name] : peopleOutput);
      const runs = await Promise.all(
        CONTENTS.filter(([name]) => document === undefined || name === document).map(async ([name, step, content]) => {
          const { stdout, stderr, code } = await runStep(content, step, root, environment);
          if (code !== 0) throw new Error(stderr);
          return { name, stdout, output: schema(name).parse(JSON.parse(stdout)) as ReadLogsOutput & PeopleOutput };
        }),
      );
      const output = Object.assign({}, ...runs.map((run) => run.output), { gaps: runs.flatMap((run) => run.output.gaps) });
      return { output, stdout: runs.map((run) => run.stdout).join(''), ms: performance.now() - begunAtMs };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A time in the form of the common log format. */
export function clf(atMs: number): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T');
  const [year, month, day] = date.split('-');
  const name = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][Number(month) - 1];
  return `[${day}/${name}/${year}:${time.slice(0, 8)} +0000]`;
}
