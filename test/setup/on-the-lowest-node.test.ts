/** What npm's scripts, the command and the local cloud start runs on the lowest Node that a platform gets (Apple silicon's). */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../setup/checkout.mjs';
import { ensureLowestNode } from '../../setup/set-up.mjs';
import { compileCache } from '../compile-cache.ts';
import { FULL } from '../e2e/full-run.ts';
import { makeFolder } from './fake-programs.ts';

const lowest = await ensureLowestNode();
const missing = 'missing' in lowest ? lowest.missing : undefined;
const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

type Scripts = Readonly<Record<string, readonly [args: readonly string[], prints: RegExp]>>;
/** By script of package.json: arguments with which it changes nothing, and what it then prints. */
const SCRIPTS: Scripts = {
  start: [['--help'], /^Usage: npm start/],
};
/** `npm run test:full` starts these too, most of which take seconds to load. */
const MORE_SCRIPTS: Scripts = {
  simulate: [['--help'], /^Usage: npm run simulate/],
  situations: [['--help'], /^Usage: npm run situations/],
  'bench:deploy': [['--help'], /^Usage: npm run bench:deploy/],
  'bench:people': [['--help'], /^Usage: npm run bench:people/],
  rehearse: [['--help'], /^Usage: npm run rehearse/],
  'check:canary': [['--help'], /^Usage: npm run check:canary/],
  'check:gate': [['--help'], /^Usage: npm run check:gate/],
  'check:asl': [['--only', 'none'], /^check:asl has no row "none"/],
  'check:monitoring': [['--help'], /^check:monitoring has no option --help/],
  record: [['--help'], /^Usage: npm run record/],
  'check:corpus': [['--help'], /^check:corpus has no option --help/],
  docs: [['--help'], /^Usage: npm run docs/],
  'check:docs': [['--help'], /^Usage: npm run check:docs/],
  'check:limits': [['--help'], /^Usage: npm run check:limits/],
  'bench:incidents': [['--help'], /^Usage: npm run bench:incidents/],
  sizes: [['--help'], /^Usage: npm run sizes/],
  'bench:after-request': [['--help'], /^Usage: npm run bench:after-request/],
  'bench:alarms': [['--help'], /^Usage: npm run bench:alarms/],
  'bench:cold': [['--help'], /^Usage: npm run bench:cold/],
  'bench:emulators': [['--help'], /^Usage: npm run bench:emulators/],
  'bench:init': [['--help'], /^Usage: npm run bench:init/],
  'bench:logs': [['--help'], /^Usage: npm run bench:logs/],
  'bench:session': [['--help'], /^Usage: npm run bench:session/],
  'bench:sweep': [['--help'], /^Usage: npm run bench:sweep/],
  'test:changed': [['--help'], /^Usage: npm run test:changed/],
};
/** These always write into the checkout or run the tests: the type check alone keeps newer APIs out of them. */
const NOT_STARTED = ['test', 'test:full', 'test:localstack', 'picture', 'pack', 'print:incidents'];

const scripts: Record<string, string> = JSON.parse(readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8')).scripts;
const started = Object.entries(scripts).filter(([, command]) => command.startsWith('node setup/run.mjs '));

/** Runs it as set-up does, on that Node. */
function run(file: string, args: readonly string[] = []): Promise<{ code: unknown; printed: string }> {
  const node = 'path' in lowest ? lowest.path : '';
  const PATH = `${path.dirname(node)}:${process.env['PATH']}`;
  // Several of them load the same modules, and Node keeps those of each of its versions apart.
  const env = { PATH, HOME: folder, HOLDFAST_STATE_FOLDER: path.join(folder, 'state'), ...compileCache() };
  return new Promise((resolve) => {
    const words = ['--disable-warning=ExperimentalWarning', path.join(CHECKOUT, file), ...args];
    execFile(node, words, { env, cwd: folder, timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, printed: `${stdout}${stderr}` }),
    );
  });
}

it('each script of package.json that set-up starts is in one of the lists', () => {
  expect(started.map(([name]) => name).sort()).toEqual([...Object.keys({ ...SCRIPTS, ...MORE_SCRIPTS }), ...NOT_STARTED].sort());
});

describe.skipIf(missing !== undefined)(`Node.js ${lowest.version}${missing ? ` (${missing})` : ''}`, () => {
  it.concurrent.each(Object.entries(FULL ? { ...SCRIPTS, ...MORE_SCRIPTS } : SCRIPTS))('npm run %s', async (name, [args, prints]) => {
    const file = scripts[name]?.split(' ')[2] as string;
    expect((await run(file, args)).printed).toMatch(prints);
  });

  it.concurrent('holdfast', async () => {
    expect(await run('bin/main.ts', ['--help'])).toEqual({ code: 0, printed: expect.stringMatching(/^Usage: holdfast/) });
  });

  it.concurrent('bin/holdfast.mjs, by a link', async () => {
    const link = path.join(folder, 'holdfast');
    symlinkSync(path.join(CHECKOUT, 'bin', 'holdfast.mjs'), link);
    expect(await run(path.relative(CHECKOUT, link), ['--help'])).toEqual({ code: 0, printed: expect.stringMatching(/^Usage: holdfast/) });
  });

  it.concurrent('the process of the local cloud', async () => {
    // It reads its options first.
    const { code, printed } = await run('lab/demo/daemon.ts', ['not JSON']);
    expect([code, printed]).toEqual([1, expect.stringContaining('is not valid JSON')]);
  });

  it.concurrent('set-up', async () => {
    // Other tests set this checkout up as well, one at a time.
    expect(await run('setup/run.mjs')).toEqual({
      code: 0,
      printed: expect.stringMatching(/^(?:set-up: waiting for another start .+\n)?$/),
    });
  });

  it.concurrent('the runner of the tests', async () => {
    const { printed } = await run('node_modules/vitest/vitest.mjs', ['--version']);
    expect(printed).toContain(`node-v${lowest.version}`);
  });
});
