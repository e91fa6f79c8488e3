/** Runs a document's step as the agent does: `sh`, its own folder, parameters in the environment. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { findPython } from '../../../local/aws/instances/machine-folder.ts';

/** Without the slow script that a version manager puts in front. */
const PYTHON = dirname(await findPython(process.env['PATH'] ?? ''));

/** Longer than any step of a test, shorter than a test's own limit. */
const LIMIT_MS = 12_000;

export interface RanStep {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param content of the document; a step that it does not have ends with 99 */
export function runStep(content: object, step: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<RanStep> {
  const { mainSteps } = content as { mainSteps: { name: string; inputs: { runCommand: string[] } }[] };
  const script = mainSteps.find(({ name }) => name === step)?.inputs.runCommand.join('\n') ?? 'exit 99';
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', script], {
      cwd,
      env: { ...environment, PATH: [environment['PATH'], PYTHON, process.env['PATH']].filter(Boolean).join(':') },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    // Its Python too, which could be in a search without end.
    const timer = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), LIMIT_MS);
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
