/** A script in the Python that has started, and one that Python is started for, end alike. */
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { findPython } from '#local-aws/instances/machine-folder.ts';
import { runPython } from './warm-python.ts';

const environment = { PATH: process.env['PATH'] ?? '', OWN: 'é' };
const cwd = realpathSync(tmpdir());
const python = await findPython(environment.PATH);

it.each([
  ['prints', 'print(os.environ.get("OWN"), os.getcwd(), sys.argv, sys.flags.isolated, __name__, sys.stdin.read())'],
  ['ends with a number', 'sys.exit(3)'],
  ['ends with a sentence', 'sys.exit("no")'],
  ['fails', 'raise ValueError("x")'],
  ['has a program print', 'subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 4"])'],
])('a script that %s', async (_what, line) => {
  const script = `import os\nimport subprocess\nimport sys\n\n${line}`;
  const { code, stdout, stderr } = await runPython({ script, cwd, environment, limitSeconds: 100 });
  const started = spawnSync(python, ['-I', '-'], { input: script, cwd, env: environment, encoding: 'utf8', timeout: 120_000 });
  const last = (text: string) => text.trimEnd().split('\n').at(-1);
  expect([code, stdout, last(stderr)]).toEqual([started.status, started.stdout, last(started.stderr)]);
});

it('a script finds nothing of the one before it', async () => {
  const script = 'import os\n\nprint("left" in globals(), os.environ.get("LEFT"))\nleft = os.environ["LEFT"] = "x"';
  for (const _ of [1, 2])
    expect(await runPython({ script, environment, limitSeconds: 100 })).toMatchObject({ code: 0, stdout: 'False None\n' });
});

it('a script is ended at its limit, while another one runs to its end', async () => {
  const [ended, other] = await Promise.all([
    runPython({ script: 'import time\n\ntime.sleep(60)', environment, limitSeconds: 0.2 }),
    runPython({ script: 'import time\n\ntime.sleep(0.4)\nprint("done")', environment, limitSeconds: 100 }),
  ]);
  expect([ended.code, other]).toEqual([null, { code: 0, stdout: 'done\n', stderr: '' }]);
});
