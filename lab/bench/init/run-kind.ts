/** From a target group's ARN to a dry run, by the commands that the page has, each a process of its own. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../../rehearse/run-command.ts';

export interface Kind {
  readonly kind: string;
  readonly targetGroupArn: string;
  /** What a person decides, by the key's last part. */
  readonly decisions: Readonly<Record<string, unknown>>;
  /** What is published: a WAR, or a folder. */
  readonly release: string;
}

export interface Place {
  readonly folder: string;
  readonly tarball: string;
  readonly store: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export interface Outcome {
  readonly kind: string;
  readonly commands: number;
  readonly seconds: number;
  readonly decidedByPerson: number;
  readonly valuesFound: number;
  readonly validates: boolean;
}

interface Report {
  readonly found: readonly { readonly key: string }[];
  readonly decide: readonly { readonly key: string }[];
  readonly missing: readonly string[];
}

/** @throws Error naming the command that did not end with 0 */
export async function runKind({ kind, targetGroupArn, decisions, release }: Kind, place: Place): Promise<Outcome> {
  const { store, tarball, log } = place;
  const folder = path.join(place.folder, kind);
  mkdirSync(folder, { recursive: true });
  const cdk = (...words: string[]) => ['npx', '--no', 'cdk', ...words];
  const begunMs = performance.now();
  let commands = 0;
  const run = async (words: readonly string[]): Promise<string> => {
    commands += 1;
    log(`${kind}: ${words.join(' ')}`);
    const logFile = path.join(folder, `command-${commands}.log`);
    const [command = '', ...args] = words;
    const ended = await runCommand({ command, args }, { cwd: folder, env: place.env, logFile, signal: place.signal });
    if (ended !== undefined) throw new Error(`${kind}: "${words.join(' ')}" ${ended}:\n${readFileSync(logFile, 'utf8').slice(-3_000)}`);
    return readFileSync(logFile, 'utf8');
  };
  await run(['npm', 'install', '--no-audit', '--no-fund', tarball]);
  const target = ['--existing', '--target-group', targetGroupArn, '--store', store];
  const printed = await run(['node_modules/.bin/holdfast', 'init', ...target, '--installation', kind, '--json']);
  const { found, decide, missing } = JSON.parse(printed.slice(printed.lastIndexOf('\n{') + 1)) as Report;
  if (missing.length > 0) throw new Error(`${kind}: before a deploy can work: ${missing.join(' ')}`);
  fill(
    path.join(folder, 'holdfast.config.json'),
    decide.map(({ key }) => key),
    decisions,
  );
  await run(['npm', 'install', '--no-audit', '--no-fund']);
  await run(['./holdfast', 'config', 'validate']);
  await run(cdk('bootstrap', '--no-notices'));
  await run(cdk('deploy', '--all', '--require-approval', 'never', '--no-notices'));
  await run(['./holdfast', 'releases', 'publish', '1.0.0', release]);
  await run(['./holdfast', 'deploy', '1.0.0', '--dry-run']);
  const seconds = Math.round((performance.now() - begunMs) / 100) / 10;
  return { kind, commands, seconds, decidedByPerson: decide.length, valuesFound: found.length, validates: true };
}

/** As a person does in an editor. @throws Error naming a mark for which there is no decision */
function fill(file: string, keys: readonly string[], decisions: Readonly<Record<string, unknown>>): void {
  const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  for (const key of keys) {
    const path = key.split('.');
    const name = path.pop() ?? '';
    const value = decisions[key] ?? decisions[name];
    if (value === undefined) throw new Error(`init marks ${key}, which the benchmark does not decide`);
    const below = path.reduce((at, part) => at[part] as Record<string, unknown>, config);
    below[name] = value;
  }
  writeFileSync(file, JSON.stringify(config, undefined, 2));
}
