/** What runs each script of package.json in `npm run test:full`, so that none is documented that nobody runs. */

export interface ShortRun {
  /** Of its shortest real run, which leaves the checkout as it is. @param folder an empty one */
  readonly args: (folder: string) => readonly string[];
  /** The exit code that its one line of JSON means, where the script measures something that can be either way. @default 0 */
  readonly code?: (json: Readonly<Record<string, unknown>>) => number;
}

const run = (...args: readonly string[]): ShortRun => ({ args: () => args });

/** By the name of the script; a second run of one has a further word. */
export const SHORT_RUNS: Readonly<Record<string, ShortRun>> = {
  pack: run(),
  'test:changed': run('--list'),
  'check:docs': run('--json'),
  'check:canary': run('--apps', 'hardened-node-app', '--plants', 'old-id-alive-after-login', '--json'),
  'check:gate': run('--only', 'express-another-secret,express-other-assets,same-release', '--runs', '2', '--json'),
  'check:limits': run('--json'),
  'check:corpus': run('--json'),
  // The same bytes as are committed.
  record: run('connect-redis-10', '--twice'),
  'check:asl': run('--only', 'cause-of-a-function', '--json'),
  'check:monitoring': run('--json'),
  simulate: run('--seeds', '40', '--json'),
  situations: run('--only', 'quiet-store-site', '--json'),
  sizes: run('--json'),
  docs: run(),
  'docs emulators': run('emulators', '--only', 'default emulator'),
  'docs testing': run('testing', '--print'),
  'print:incidents': { args: (folder) => [folder] },
  picture: { args: (folder) => [folder, '0'] },
  'bench:after-request': run('--rounds', '1', '--requests', '5', '--json'),
  'bench:alarms': run('--only', 'rule-to-servers-revoked', '--json'),
  'bench:cold': run('--json'),
  'bench:deploy': run('--lags', '3', '--json'),
  'bench:people': run('--only', 'express-another-secret', '--json'),
  'bench:emulators': run('--only', 'ministack', '--json'),
  'bench:incidents': run('--only', 'nothing-redis-logged-out', '--json'),
  'bench:init': run('--only', 'two-node', '--json'),
  'bench:logs': run('--rounds', '1', '--json'),
  'bench:session': { args: () => ['--rounds', '3', '--ms', '200', '--users', '4', '--json'], code: ({ met }) => (met ? 0 : 1) },
  check: run(),
  format: run(),
};

/** Scripts that another file starts as a process of its own, and compares with what it prints or ends with. */
export const RUN_BY: Readonly<Record<string, string>> = {
  start: 'lab/demo/test/start/start-run.ts',
  test: 'test/run.ts',
  'test:full': 'test/run.ts',
  'test:localstack': 'test/run.ts',
  'bench:sweep': 'lab/bench/test/sweep/main.full.test.ts',
  rehearse: 'test/docs/walk/walk.full.test.ts',
};
