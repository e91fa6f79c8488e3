/** The systemctl of these tests answers as systemd 252 did. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const RECORDED = readFileSync(join(import.meta.dirname, 'systemd-252.txt'), 'utf8');

it('gives the output and exit codes that systemd gave, in the same order of commands', () => {
  const state = mkdtempSync(join(tmpdir(), 'holdfast-systemctl-'));
  for (const unit of ['shop.socket', 'kick.timer', 'drop.path']) writeFileSync(join(state, `${unit}.triggers`), 'shop.service\n');
  const systemctl = (args: string) => {
    const fake = join(import.meta.dirname, 'fake-systemctl');
    const { stdout, stderr, status } = spawnSync(fake, args.split(' '), { env: { ...process.env, STATE: state }, encoding: 'utf8' });
    return `${stdout}${stderr}(exit ${status})`;
  };
  const commands = RECORDED.split(/^(?=[$!] )/m).filter((part) => !part.startsWith('#'));
  expect(commands.length).toBeGreaterThan(30);
  for (const command of commands) {
    const [line = '', ...output] = command.trimEnd().split('\n');
    if (line.startsWith('!')) {
      // As systemd does at once: the path starts the service.
      writeFileSync(join(state, 'file-is-there'), '');
      writeFileSync(join(state, 'shop.service.active'), 'active\n');
    } else {
      const args = line.replace('$ systemctl ', '');
      expect(`${line}\n${sorted(systemctl(args))}`).toBe(`${line}\n${sorted(output.join('\n'))}`);
    }
  }
  rmSync(state, { recursive: true });
});

/** systemd names the units in no order. */
const sorted = (output: string): string =>
  output
    .replace(/(?<==).*$/m, (names) => names.split(' ').sort().join(' '))
    .replace(/(\n {2}\S+)+/, (names) => names.split('\n').sort().join('\n'));
