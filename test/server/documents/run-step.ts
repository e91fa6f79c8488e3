/** Runs a document's step as the agent does: its own folder, parameters in the environment; `sh`, but for a step that is Python alone. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { findPython } from '#local-aws/instances/machine-folder.ts';
import { type Ran, runPython } from './warm-python.ts';

/** Without the slow script that a version manager puts in front. */
const PYTHON = dirname(await findPython(process.env['PATH'] ?? ''));

/** Longer than any step of a test, shorter than a test's own limit. */
const LIMIT_SECONDS = 120;

/** @param content of the document; a step that it does not have ends with 99 */
export function runStep(content: object, step: string, cwd: string, variables: Readonly<Record<string, string>>): Promise<Ran> {
  const { mainSteps } = content as { mainSteps: { name: string; inputs: { runCommand: string[] } }[] };
  const lines = mainSteps.find(({ name }) => name === step)?.inputs.runCommand ?? ['exit 99'];
  const environment = { ...variables, PATH: [variables['PATH'], PYTHON, process.env['PATH']].filter(Boolean).join(':') };
  // What the shell does for it is seen where the local cloud's agent runs the documents.
  if (lines[0] === "python3 -I - <<'HOLDFAST'" && lines.indexOf('HOLDFAST') === lines.length - 1)
    return runPython({ script: lines.slice(1, -1).join('\n'), cwd, environment, limitSeconds: LIMIT_SECONDS });
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', lines.join('\n')], {
      cwd,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    // Its Python too, which could be in a search without end.
    const timer = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), LIMIT_SECONDS * 1000);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
