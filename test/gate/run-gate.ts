/** Runs session gates between the two releases of a site: the command itself, or many side by side in one process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { GateOptions } from '../../cli/gate/gate.ts';
import type { GateResult } from '../../functions/gate/contract.ts';
import { COMPILE_CACHE } from '../compile-cache.ts';
import type { Site } from './two-releases.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GateRun {
  readonly code: number | null;
  /** Undefined where there was none. */
  readonly result?: GateResult & { readonly seconds: number };
  /** All that was printed. */
  readonly printed: string;
  readonly passwords: readonly string[];
}

export interface Place {
  readonly folder: string;
  readonly caFile: string;
}

export interface How {
  /** The new release is taken for the old one. */
  readonly swapped?: boolean;
  /** One address, and a header that chooses the new release. @default two addresses */
  readonly byHeader?: boolean;
  /** Both addresses are the old one's. */
  readonly onlyOld?: boolean;
}

const LIMIT_MS = 90_000;
export const MAIN = path.resolve(import.meta.dirname, '../../bin/main.ts');
const MANY = path.resolve(import.meta.dirname, 'many-gates.ts');
let files = 0;

/** The command, as a user runs it. */
export async function runGate(site: Site, place: Place, how: How): Promise<GateRun> {
  const one = await prepare(site, place, how);
  const { old, new: next, recipe, oldHeader = [], newHeader = [] } = one.options;
  const headers = [...oldHeader.flatMap((line) => ['--old-header', line]), ...newHeader.flatMap((line) => ['--new-header', line])];
  const ended = await run([MAIN, 'gate', '--old', old, '--new', next, '--recipe', recipe, ...headers, '--json'], place, one.env);
  return readRun(ended, one);
}

/** All of them side by side in one process. */
export async function runGates(site: Site, place: Place, hows: readonly How[]): Promise<readonly GateRun[]> {
  const all = await Promise.all(hows.map((how) => prepare(site, place, how)));
  const file = path.join(place.folder, `gates-${++files}.json`);
  await writeFile(file, JSON.stringify(all.map(({ options }) => options)));
  const { stdout, stderr } = await run([MANY, file], place, Object.assign({}, ...all.map(({ env }) => env)));
  if (stdout === '') throw new Error(`the gates did not end: ${stderr}`);
  return (JSON.parse(stdout) as readonly Ended[]).map((ended, index) => readRun(ended, all[index] as Prepared));
}

interface Prepared {
  readonly options: GateOptions;
  readonly env: Readonly<Record<string, string>>;
}

async function prepare({ url, testUrl, header }: Site, { folder }: Place, { swapped, byHeader, onlyOld }: How): Promise<Prepared> {
  // Gates at the same time have users of their own.
  const number = String(++files).padStart(4, '0');
  const users = [`anna-${number}`, `ben-${number}`] as const;
  const variables = [`GATE_A_${number}`, `GATE_B_${number}`] as const;
  const recipe = path.join(folder, `recipe-${number}.json`);
  await writeFile(recipe, JSON.stringify(recipeOf(users, variables)));
  const there = onlyOld || byHeader ? url : testUrl;
  const headers = byHeader ? { [swapped ? 'oldHeader' : 'newHeader']: [header] } : {};
  return {
    options: { ...(swapped ? { old: there, new: url } : { old: url, new: there }), recipe, ...headers },
    env: { [variables[0]]: `secret of ${users[0]}`, [variables[1]]: `secret of ${users[1]}` },
  };
}

async function run(words: readonly string[], { folder, caFile }: Place, env: Prepared['env']): Promise<Ended> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    env: {
      ...{ PATH: process.env['PATH'] ?? '', HOME: folder, HOLDFAST_STATE_FOLDER: folder, AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ NODE_EXTRA_CA_CERTS: caFile, ...COMPILE_CACHE, ...env },
    },
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number | null, stdout, stderr };
}

const readRun = ({ code, stdout, stderr }: Ended, { env }: Prepared): GateRun => ({
  ...{ code, printed: `${stdout}\n${stderr}`, passwords: Object.values(env) },
  ...(stdout.startsWith('{"verdict"') && { result: JSON.parse(stdout) }),
});

export const recipeOf = (users: readonly [string, string], variables: readonly [string, string]) => ({
  users: {
    a: { name: users[0], password: { environment: variables[0] } },
    b: { name: users[1], password: { environment: variables[1] } },
  },
  login: [{ post: '/login', form: { user: '{name}', password: '{password}' } }],
  who: { get: '/account' },
  logout: [{ post: '/logout' }],
  release: { get: '/', take: { header: 'x-release' } },
  cart: { change: [{ post: '/cart', form: { item: '1' } }], get: '/cart', take: { between: ['<p>Cart: ', ' items'] } },
});
