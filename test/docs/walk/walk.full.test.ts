/** Pages walked by a reader who has nothing yet: their code blocks, as printed and in order, in a fresh clone and the local cloud. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainEnvironment } from '../../../lab/rehearse/place.ts';
import { ensureAwsClients } from '../../../setup/set-up.mjs';
import { shareSetUp } from '../../changed/checkout.ts';
import { REPOSITORY } from '../../run-node.ts';
import { commandsOfBlock } from './blocks.ts';
import { type Reader, type Step, textOf, WALK } from './pages.ts';
import { Shell } from './shell.ts';

/** A command prints a line every 15 s where there is no terminal. */
const LONGEST_SILENCE_SECONDS = 20;
/** Not npm's own installations, nor Maven's and the AWS CLI's. */
const OURS = /^npx --no cdk|^\S*\/holdfast |^npm (?:start|run)/;
const INTERRUPTION_SECONDS = 60;
const [FIRST] = Object.keys(WALK);
const LIMIT = { timeout: 30 * 60_000 };

describe('a reader with an empty folder', LIMIT, () => {
  let work: string;
  let reader: Reader;

  beforeAll(async () => {
    work = mkdtempSync(path.join(tmpdir(), 'walk-'));
    reader = { shell: new Shell(work, await environmentOf(work)), work, clone: path.join(work, 'holdfast'), cloud: '' };
  });
  afterAll(async () => {
    await reader.shell.interrupt(INTERRUPTION_SECONDS).catch(() => {});
    reader.shell.open('', reader.clone);
    await reader.shell.run('./holdfast down').catch(() => {});
    process.stdout.write(`${JSON.stringify({ walked: reader.shell.ran })}\n`);
    rmSync(work, { recursive: true, force: true });
  });

  it.each(Object.entries(WALK))('gets through %s', async (page, steps) => {
    const { shell } = reader;
    const before = shell.ran.length;
    shell.open(page, work);
    // Where this page alone is walked: otherwise earlier ones have made both.
    if (page !== FIRST && !existsSync(reader.clone)) {
      await shell.run(`git clone ${REPOSITORY} ${reader.clone}`);
      shareSetUp(reader.clone);
      await shell.run(`cd ${reader.clone} && npm run pack`);
    }
    for (const step of steps) await take(reader, step, textOf(page, step));
    await shell.interrupt(INTERRUPTION_SECONDS);
    expect(
      shell.ran
        .slice(before)
        .filter(({ command, silentShareSeconds }) => OURS.test(command) && silentShareSeconds > LONGEST_SILENCE_SECONDS),
    ).toEqual([]);
  });
});

async function take(reader: Reader, step: Step, block: string): Promise<void> {
  const { leftOut, act, put = {}, before = {}, codes = {}, staysUp, after } = step;
  if (leftOut !== undefined) return;
  if (act !== undefined) return void (await act(reader, block));
  let printed = '';
  for (const command of commandsOfBlock(block)) {
    for (const [begin, asked] of Object.entries(before)) if (isNext(command, begin, block)) await asked(reader);
    const filled = Object.entries(put).reduce(
      (text, [name, value]) => text.replaceAll(name, () => (typeof value === 'string' ? value : value(reader))),
      command,
    );
    const [, expected = [0]] = Object.entries(codes).find(([begin]) => command.startsWith(begin)) ?? [];
    const isStaying = staysUp !== undefined && command.startsWith('npm start');
    printed = await reader.shell.run(filled, expected, isStaying ? staysUp : undefined);
  }
  await after?.(reader, printed);
}

/** An empty name is before the whole block. */
const isNext = (command: string, begin: string, block: string): boolean =>
  begin === '' ? block.startsWith(command) : command.startsWith(begin);

/** With nothing of this checkout: `npx --no cdk` would find its program. */
async function environmentOf(folder: string): Promise<Record<string, string>> {
  const programs = path.join(folder, 'bin');
  mkdirSync(programs);
  const python = await ensureAwsClients();
  writeFileSync(path.join(programs, 'aws'), `#!/bin/sh\nexec "${python}" -m awscli "$@"\n`);
  chmodSync(path.join(programs, 'aws'), 0o755);
  const found = (process.env['PATH'] ?? '').split(path.delimiter).filter((entry) => !entry.includes('node_modules'));
  const { NODE_OPTIONS: _, ...plain } = plainEnvironment(folder, [programs, path.dirname(process.execPath), ...found].join(path.delimiter));
  const kept =
    /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|PIP_\w+|npm_config_(?:registry|cache|userconfig)|\w+_proxy|JAVA_HOME|MAVEN_\w+)$/i;
  const own = Object.entries(process.env).filter(([name]) => kept.test(name)) as [string, string][];
  return { ...plain, ...Object.fromEntries(own) };
}
