/**
 * The commands of docs/gate.md for each platform, unchanged, between two releases behind the local load balancer. Only the platform's own call,
 * `aws`, is replaced: by a program that notes its words. What the page has for YAML is read as the platform reads it, and no platform runs it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { readPage } from '../docs/check/pages.ts';
import { type Process, startStore } from '../examples/processes.ts';
import { MAIN, recipeOf } from './run-gate.ts';
import { type Site, startSite } from './two-releases.ts';

const LIMIT_MS = 180_000;
const USERS = ['gate-anna', 'gate-ben'] as const;

const [, section = ''] = /\n## In a pipeline\n(.*?)\n## /s.exec(readPage('docs/gate.md')) ?? [];
/** Of each platform, by its name: the words that it runs. */
const SCRIPTS = new Map(
  [...section.matchAll(/\n\*\*([\w ]+)\*\*(?:(?!\n\*\*).)*?```(sh|yaml)\n(.*?)```/gs)].map(([, name = '', form, text = '']) => [
    name,
    form === 'sh' ? ['sh', '-e', '-c', text] : wordsIn(parse(text)),
  ]),
);

/** Of a project of CodeBuild, a Job, and the steps of a workflow. */
function wordsIn(document: unknown): readonly string[] {
  const { phases, spec, ...steps } = document as {
    phases?: { build: { commands: readonly string[] } };
    spec?: { template: { spec: { containers: readonly { command: readonly string[]; args: readonly string[] }[] } } };
    0?: { run: string };
  };
  // CodeBuild runs the commands of version 0.2 in one shell.
  if (phases) return ['sh', '-c', phases.build.commands.join('\n')];
  const container = spec?.template.spec.containers[0];
  return container ? [...container.command, ...container.args] : ['bash', '-e', '-c', steps[0]?.run ?? ''];
}

let folder: string;
let caFile: string;
let store: Process;
const sites = new Map<string, Site>();
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pipelines-'));
  const authority = await createCertificateAuthority(folder);
  ({ caFile } = authority);
  store = await startStore();
  for (const [name, next] of Object.entries({ good: { asset: 'e5f6a7b8' }, bad: { secret: 'second secret of the shop' } }))
    sites.set(
      name,
      await startSite({
        ...{ folder: path.join(folder, name), authority, storePort: store.port, keyPrefix: `${name}:` },
        ...{ app: 'express', old: {}, next },
      }),
    );
  const program = async (name: string, text: string) => {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    await chmod(file, 0o755);
  };
  // As npm installs it into the project that the pipeline runs in.
  await program(
    'project/node_modules/.bin/holdfast',
    `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${MAIN}" "$@"\n`,
  );
  await program('bin/aws', '#!/bin/sh\necho "$@" >> "$CALLS"\n');
  await writeFile(path.join(folder, 'project/package.json'), '{}');
  await writeFile(path.join(folder, 'project/recipe.json'), JSON.stringify(recipeOf(USERS, ['GATE_A_PASSWORD', 'GATE_B_PASSWORD'])));
}, LIMIT_MS);
afterAll(async () => {
  for (const site of sites.values()) await site.stop();
  await store.stop('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function runScript([program = '', ...words]: readonly string[], name: string, { url, testUrl }: Site) {
  const calls = path.join(folder, `calls-${name}`);
  const env = {
    ...{ PATH: `${path.join(folder, 'bin')}:${process.env['PATH']}`, HOME: folder, NODE_EXTRA_CA_CERTS: caFile, CALLS: calls },
    ...{ GATE_A_PASSWORD: `secret of ${USERS[0]}`, GATE_B_PASSWORD: `secret of ${USERS[1]}`, npm_config_update_notifier: 'false' },
    ...{ OLD: url, NEW: testUrl, DEPLOYMENT: 'd-1', HOOK: 'h-1' },
  };
  const child = spawn(program, words, { cwd: path.join(folder, 'project'), env, stdio: 'ignore', timeout: LIMIT_MS });
  const [code] = await once(child, 'exit');
  return { code, called: await readFile(calls, 'utf8').catch(() => '') };
}

it.concurrent.each([
  ['ECS', 'good', 0, 'ecs continue-service-deployment --service-deployment-arn d-1 --hook-id h-1 --action CONTINUE\n'],
  ['ECS', 'bad', 0, 'ecs continue-service-deployment --service-deployment-arn d-1 --hook-id h-1 --action ROLLBACK\n'],
  ['CodeDeploy', 'good', 0, expect.stringMatching(/^deploy put-lifecycle-event-hook-execution-status .* --status Succeeded\n$/)],
  ['CodeDeploy', 'bad', 0, expect.stringMatching(/^deploy put-lifecycle-event-hook-execution-status .* --status Failed\n$/)],
  ['Kubernetes', 'good', 0, ''],
  ['Kubernetes', 'bad', 5, ''],
  ['Kamal', 'good', 0, ''],
  ['Kamal', 'bad', 5, ''],
  ['GitHub Actions', 'good', 0, ''],
  ['GitHub Actions', 'bad', 5, ''],
] as const)(
  'what the page has for %s, and a release that is %s for sessions: %i',
  async (platform, which, code, called) => {
    const words = SCRIPTS.get(platform);
    expect(words?.join(' ')).toContain('node_modules/.bin/holdfast gate');
    expect(await runScript(words ?? [], `${platform}-${which}`, sites.get(which) as Site)).toEqual({ code, called });
  },
  LIMIT_MS,
);

it('has one of each platform', () => expect([...SCRIPTS.keys()]).toEqual(['ECS', 'CodeDeploy', 'Kubernetes', 'Kamal', 'GitHub Actions']));
