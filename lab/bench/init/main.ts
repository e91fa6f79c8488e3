/** `npm run bench:init`: from the target group of existing servers to a dry run, in the local cloud, for three kinds of fleets. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { buildPackage } from '../../../package/build-package.ts';
import { writeTarball } from '../../../package/write-tarball.ts';
import { ensureJava, ensureMavenOutput } from '../../../setup/java.mjs';
import { progressLog, runBench } from '../run-bench.ts';
import { openShop } from '../shop/open-shop.ts';
import { FUNCTIONS_USER, pages, STORE } from '../shop/shop-template.ts';
import { judgeOutcomes } from './judge-outcomes.ts';
import { type Kind, type Outcome, runKind } from './run-kind.ts';

const HELP = `Usage: npm run bench:init -- [options]

Start existing fleets in a local cloud, and go from the ARN of each one's target group to a dry run by the package's own
commands: an Auto Scaling group with Tomcat, two listed servers with Node, two behind a shared load balancer. It needs a
JDK, Maven and the registry of npm.

  --only KIND   asg-tomcat, two-node or shared-balancer
  --json        print exactly one line: {"fleets":[{"kind","commands","seconds","decidedByPerson","valuesFound","validates"}]}
  --help

Exit codes: 0 each within 300 s, ten commands and five decisions; 1 one is not, or failed; 2 an option is wrong.
`;
const KINDS = ['asg-tomcat', 'two-node', 'shared-balancer'] as const;
const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const STATE = path.join(REPOSITORY, '.holdfast/bench-init');

interface Options {
  readonly json: boolean;
  readonly kinds: readonly string[];
}

function parseOptions(args: string[]): Options | 'help' {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ args, options: { json: flag, help: flag, only: { type: 'string' } } });
  if (values.help) return 'help';
  const kinds = KINDS.filter((kind) => values.only === undefined || kind === values.only);
  if (kinds.length === 0) throw new TypeError(`--only ${JSON.stringify(values.only)} is none of ${KINDS.join(', ')}. Nothing was started.`);
  return { json: values.json, kinds };
}

async function bench({ json, kinds }: Options): Promise<number> {
  const log = progressLog(json);
  // A cloud that is up in this checkout is neither used nor ended.
  process.env['HOLDFAST_STATE_FOLDER'] = STATE;
  const { startDaemon } = await import('../../demo/daemon-client.ts');
  const { plainEnvironment } = await import('../../rehearse/place.ts');
  const java = ensureJava();
  // Outside of the checkout, whose package npm would take for the reader's.
  const work = mkdtempSync(path.join(tmpdir(), 'holdfast-bench-init-'));
  const tomcat = path.join(await ensureMavenOutput('tomcat-app'), 'tomcat');
  log('building the package');
  const tarball = path.join(work, 'holdfast.tgz');
  await buildPackage(path.join(work, 'package'));
  await writeTarball(path.join(work, 'package'), tarball, ['lib/holdfast.js']);
  const [folder, war] = await Promise.all([nodeRelease(work), warRelease(work, java.home)]);

  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
  const { signal } = interruption;
  const choice = { fleet: 'web', realTime: false, server: {}, javaHome: java.home };
  const daemon = await startDaemon({ ...choice, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0 }, signal);
  try {
    const { gatewayUrl: endpoint, region, credentials, credentialsFile } = daemon.state;
    log('starting the shop');
    const outputs = await openShop({ endpoint, region, credentials }, pages(tomcat));
    const programs = [path.dirname(process.execPath), path.join(java.home, 'bin'), process.env['PATH']].join(path.delimiter);
    const env = {
      ...plainEnvironment(work, programs),
      ...{ AWS_ENDPOINT_URL: endpoint, AWS_SHARED_CREDENTIALS_FILE: credentialsFile, AWS_REGION: region, JAVA_HOME: java.home },
      ...{ HOLDFAST_STATE_FOLDER: STATE, npm_config_cache: path.join(homedir(), '.npm'), npm_config_prefer_offline: 'true' },
    };
    const decisions = { keyPrefix: 'sess:', userName: FUNCTIONS_USER, secretArn: outputs['Secret'], ready: '/index.html' };
    const all: readonly Kind[] = [
      { kind: 'asg-tomcat', targetGroupArn: outputs['Tomcat'] ?? '', decisions, release: war },
      { kind: 'two-node', targetGroupArn: outputs['Node'] ?? '', decisions, release: folder },
      { kind: 'shared-balancer', targetGroupArn: outputs['Api'] ?? '', decisions, release: folder },
    ];
    const fleets: Outcome[] = [];
    for (const kind of all.filter(({ kind }) => kinds.includes(kind)))
      fleets.push(await runKind(kind, { folder: work, tarball, store: STORE, env, signal, log }));
    process.stdout.write(json ? `${JSON.stringify({ fleets })}\n` : fleets.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const problems = judgeOutcomes(fleets);
    for (const problem of problems) process.stderr.write(`not as expected: ${problem}\n`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await daemon.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

const run = promisify(execFile);

async function nodeRelease(work: string): Promise<string> {
  const out = path.join(work, 'node-release');
  await run(process.execPath, [path.join(REPOSITORY, 'examples/node-app/build.mjs'), '--version', '1.0.0', '--out', out], {
    timeout: 60_000,
  });
  return out;
}

async function warRelease(work: string, javaHome: string): Promise<string> {
  const content = path.join(work, 'war');
  const war = path.join(work, 'shop.war');
  mkdirSync(content);
  for (const name of ['index.html', 'live']) writeFileSync(path.join(content, name), 'ok\n');
  await run(path.join(javaHome, 'bin/jar'), ['--create', '--no-manifest', '--file', war, '-C', content, '.'], { timeout: 60_000 });
  return war;
}

await runBench(parseOptions, HELP, bench);
