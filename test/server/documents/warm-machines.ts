/** Machines of the local cloud whose documents run in a Python that has started: their `python3 -I -` is a process that this one forks. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython } from '#local-aws/instances/machine-folder.ts';
import type { PackageManagerOptions } from '#local-aws/instances/package-manager.ts';
import { startFleet, type TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { type Ran, runPython } from './warm-python.ts';

/** Longer than any document of a test. */
const LIMIT_SECONDS = 60;
const KILLED = 137;

/** As {@link startFleet}. */
export async function startWarmFleet(packages: Partial<PackageManagerOptions> = {}): Promise<TestFleet> {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // its process was ended
    socket.once('data', (text) => void answer(socket, text.toString().trimEnd()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-python-'));
  const path = process.env['PATH'] ?? '';
  writeFileSync(join(folder, 'python3'), programOf(await findPython(path), port), { mode: 0o755 });
  const fleet = await startFleet({}, () => true, packages, { hostPath: `${folder}:${path}` });
  return {
    ...fleet,
    async stop() {
      await fleet.stop();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** It writes what it has to run into files of its process, and prints what comes of it. */
const programOf = (python: string, port: number): string => `#!/bin/bash
case "$*" in
  '-c import sys; print(sys.executable)') echo "$0" ;;
  '-I -')
    cat >"$0.$$" && env -0 >"$0.$$.environment" && pwd -P >"$0.$$.folder" && exec 3<>/dev/tcp/127.0.0.1/${port} || exit 1
    echo "$0.$$" >&3
    read -r code output errors <&3
    [ "$output" = 0 ] || head -c "$output" <&3
    [ "$errors" = 0 ] || head -c "$errors" <&3 >&2
    exit "$code"
    ;;
  *) exec '${python}' "$@" ;;
esac
`;

async function answer(socket: Socket, files: string): Promise<void> {
  const { code, stdout, stderr } = await run(files).catch((error: unknown) => ({ code: KILLED, stdout: '', stderr: String(error) }));
  socket.end(`${code ?? KILLED} ${Buffer.byteLength(stdout)} ${Buffer.byteLength(stderr)}\n${stdout}${stderr}`);
}

async function run(files: string): Promise<Ran> {
  const [script, variables, folder] = await Promise.all(['', '.environment', '.folder'].map((kind) => readFile(`${files}${kind}`, 'utf8')));
  const lines = (variables ?? '').split('\0').filter((line) => line.includes('='));
  const environment = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  return runPython({ script: script ?? '', cwd: (folder ?? '').trimEnd(), environment, limitSeconds: LIMIT_SECONDS });
}
