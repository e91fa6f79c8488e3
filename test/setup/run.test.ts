import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT, hashOfFile } from '../../setup/checkout.mjs';
import { makeFolder, writeProgram } from './fake-programs.ts';

/** A checkout with everything installed, by programs that only print their version. */
function makeCheckout(): string {
  const checkout = makeFolder();
  cpSync(join(CHECKOUT, 'setup'), join(checkout, 'setup'), { recursive: true });
  writeFileSync(join(checkout, 'package-lock.json'), '{"packages":{}}');
  mkdirSync(join(checkout, 'node_modules'));
  writeFileSync(join(checkout, 'node_modules', '.package-lock.json'), '{"packages":{}}');
  const lock = join(checkout, 'lab', 'local-aws', 'emulator', 'ministack', 'requirements.lock');
  mkdirSync(join(lock, '..'), { recursive: true });
  writeFileSync(lock, '');
  const venv = join(checkout, '.holdfast', 'venv');
  writeProgram(join(venv, 'bin'), 'python', 'echo Python 3.12.1');
  writeFileSync(join(venv, '.holdfast-stamp'), JSON.stringify({ lock: hashOfFile(lock), asked: '', python: '3.12' }));
  writeProgram(join(checkout, '.holdfast', 'bin'), 'valkey-server', 'echo "Valkey server v=8.1.1 sha=0"');
  return checkout;
}

describe('node setup/run.mjs SCRIPT', () => {
  let checkout: string;
  const start = (script: string, args: string[] = [], env: Record<string, string> = {}) => {
    writeFileSync(join(checkout, 'script.ts'), script);
    const child = spawn(process.execPath, [join(checkout, 'setup', 'run.mjs'), 'script.ts', ...args], {
      env: { PATH: '/usr/bin:/bin', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      output.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += chunk;
    });
    return { child, output, closed: once(child, 'close') };
  };
  beforeAll(() => {
    checkout = makeCheckout();
  });
  afterAll(() => rmSync(checkout, { recursive: true }));

  it('runs TypeScript with its arguments untouched, exits with its code and prints nothing when everything is set up', async () => {
    const { output, closed } = start(
      'const args: string[] = process.argv.slice(2); console.log(JSON.stringify(args)); process.exitCode = 7;',
      ['--help', '--json', 'a b'],
    );
    expect(await closed).toEqual([7, null]);
    expect(output).toEqual({ stdout: '["--help","--json","a b"]\n', stderr: '' });
  });

  it('gives the script the paths of everything', async () => {
    const { output, closed } = start("import { readSetup } from './setup/read-setup.mjs'; console.log(JSON.stringify(readSetup()));");
    await closed;
    expect(JSON.parse(output.stdout)).toMatchObject({
      python: join(checkout, '.holdfast', 'venv', 'bin', 'python'),
      storeServer: join(checkout, '.holdfast', 'bin', 'valkey-server'),
      storeEngine: 'valkey',
      versions: { python: '3.12.1', storeServer: '8.1.1', node: process.versions.node },
    });
  });

  it('gives the local cloud the server that HOLDFAST_STORE_SERVER names, and no other', async () => {
    const chosen = writeProgram(join(checkout, 'mine'), 'redis-server', 'echo "Redis server v=7.2.4 sha=0"');
    const script = "import { readSetup } from './setup/read-setup.mjs'; console.log(JSON.stringify(readSetup()));";
    const { output, closed } = start(script, [], { HOLDFAST_STORE_SERVER: chosen });
    await closed;
    const stores = [{ path: chosen, engine: 'redis', version: '7.2.4' }];
    expect(JSON.parse(output.stdout)).toMatchObject({ storeServer: chosen, storeEngine: 'redis', stores });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on and exits with the exit code of the script', async (signal) => {
    const { child, output, closed } = start(
      `process.once('${signal}', () => process.exit(3)); setInterval(() => undefined, 1000); console.log('ready');`,
    );
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await closed).toEqual([3, null]);
    expect(output.stderr).toBe('');
  });

  it('exits like a shell when a signal ended the script', async () => {
    const { closed } = start("process.kill(process.pid, 'SIGKILL'); setInterval(() => undefined, 1000);");
    expect(await closed).toEqual([137, null]);
  });

  it('prints one sentence and exits with 1 when something is missing', async () => {
    const { output, closed } = start('', [], { HOLDFAST_STORE_SERVER: '/nowhere' });
    expect(await closed).toEqual([1, null]);
    expect(output.stdout).toBe('');
    expect(output.stderr).toMatch(/^HOLDFAST_STORE_SERVER is \/nowhere, which [^\n]+\n$/);
  });

  it('prints everything that is missing in one message before it runs anything else', async () => {
    const { output, closed } = start('console.log("started")', ['--json'], { HOLDFAST_STORE_SERVER: '/nowhere', HOLDFAST_PYTHON: '/none' });
    expect(await closed).toEqual([1, null]);
    expect(output.stderr).toMatch(
      /^This machine lacks 2 things\. Set-up has downloaded and changed nothing:\n- HOLDFAST_STORE_SERVER [^\n]+\n- HOLDFAST_PYTHON [^\n]+\n$/,
    );
    expect(JSON.parse(output.stdout)).toEqual({ error: { code: 'SetupError', message: output.stderr.trimEnd() } });
    expect(existsSync(join(checkout, '.holdfast', 'logs'))).toBe(false);
  });
});
