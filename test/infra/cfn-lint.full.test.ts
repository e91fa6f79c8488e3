import { spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureLint } from '../../setup/set-up.mjs';
import { adopted, BEHIND_A_LISTENER, EXISTING_ADDRESSES, EXISTING_GROUP, storeAlone } from './adopted-configs.ts';
import { canaryConfig } from './canary-config.ts';
import { AWS_CONFIG, EPHEMERAL_CONFIG, REPOSITORY, SynthesizedApp } from './synthesized.ts';

/** The first use on a machine installs cfn-lint. */
const INSTALL_LIMIT_MS = 240_000;
const LINT_LIMIT_MS = 180_000;

let program: { readonly command: string; readonly args: readonly string[] };
let app: SynthesizedApp;
let others: readonly SynthesizedApp[] = [];

beforeAll(async () => {
  program = await ensureLint();
  app = await SynthesizedApp.create(AWS_CONFIG);
  others = await Promise.all(
    [
      adopted({ ...BEHIND_A_LISTENER, canary: canaryConfig() }),
      EPHEMERAL_CONFIG,
      adopted(EXISTING_GROUP),
      adopted(EXISTING_ADDRESSES),
      storeAlone(),
    ].map((config) => SynthesizedApp.create(config)),
  );
}, INSTALL_LIMIT_MS);
afterAll(async () => {
  await app?.remove();
  for (const other of others) await other.remove();
});

/** Runs in the repository, because of its configuration file; it needs no network. */
function lint(templates: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program.command, [...program.args, '--format', 'parseable', '--', ...templates], { cwd: REPOSITORY });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

const templatesOf = async ({ folder }: SynthesizedApp) =>
  (await readdir(folder)).filter((name) => name.endsWith('.template.json')).map((name) => path.join(folder, name));

describe('cfn-lint', () => {
  it('finds nothing in any template, but a wrong value that is planted next to them', { timeout: LINT_LIMIT_MS }, async () => {
    const templates = (await Promise.all([app, ...others].map(templatesOf))).flat();
    expect(templates).toHaveLength([app, ...others].flatMap(({ stackNames }) => stackNames).length);
    const planted = path.join(app.folder, 'planted.json');
    const group = { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 10 } };
    await writeFile(planted, JSON.stringify({ Resources: { Group: group } }));

    const { code, output } = await lint([...templates, planted]);
    const findings = output.trim().split('\n');
    expect(findings.filter((line) => !line.startsWith(`${planted}:`))).toEqual([]);
    expect(findings.join()).toContain('E3030');
    expect(code).not.toBe(0);
  });
});
