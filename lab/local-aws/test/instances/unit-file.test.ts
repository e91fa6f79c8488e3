import { describe, expect, it } from 'vitest';
import { parseEnvironmentFile, parseUnit, splitWords } from '../../instances/unit-file.ts';

describe('parseUnit', () => {
  it('reads a simple service', () => {
    const unit = parseUnit(`
# a comment
[Unit]
Description=Server
ConditionPathExists=/opt/with space/current
StartLimitIntervalSec=0
[Service]
Environment="A=b c" D=e
EnvironmentFile=/etc/first
EnvironmentFile=-/etc/second
WorkingDirectory=/opt/with space
ExecStartPre=-+/bin/prepare
ExecStart="/opt/with space/run" --flag \\
  'two words'
Restart=on-failure
RestartSec=1min 500ms
TimeoutStopSec=30
SuccessExitStatus=143 SIGUSR1
`);
    expect(unit).toMatchObject({
      conditionPaths: ['/opt/with space/current'],
      environment: { A: 'b c', D: 'e' },
      environmentFiles: [
        { path: '/etc/first', optional: false },
        { path: '/etc/second', optional: true },
      ],
      workingDirectory: '/opt/with space',
      execStartPre: [{ program: '/bin/prepare', args: [], mayFail: true }],
      execStart: { program: '/opt/with space/run', args: ['--flag', 'two words'] },
      restart: 'on-failure',
      restartMs: 60_500,
      stopTimeoutMs: 30_000,
      successCodes: [143],
      startLimit: { burst: 5, intervalMs: 0 },
    });
  });

  it.each([
    ['IPAddressDeny=169.254.169.254 fd00:ec2::254', true],
    ['IPAddressDeny=any', true],
    ['IPAddressDeny=10.0.0.0/8', false],
    // systemd looks at what is allowed first.
    ['IPAddressDeny=any\nIPAddressAllow=link-local', false],
    ['IPAddressDeny=link-local\nIPAddressDeny=', false],
  ])('knows whether the metadata service is closed: %s', (lines, denied) => {
    expect(parseUnit(`[Service]\nExecStart=x\n${lines}\n`).deniesMetadata).toBe(denied);
  });

  it.each([
    ['', false],
    ['User=root', false],
    ['User=holdfast', true],
  ])('knows who is not root: %s', (line, unprivileged) => {
    expect(parseUnit(`[Service]\nExecStart=x\n${line}\n`).unprivileged).toBe(unprivileged);
  });

  it.each([
    ['a one-shot with two programs', '[Service]\nType=oneshot\nExecStart=x\nExecStart=y\n'],
    ['a one-shot that always restarts', '[Service]\nType=oneshot\nExecStart=x\nRestart=always\n'],
    ['no ExecStart', '[Service]\n'],
    ['a type that is not emulated', '[Service]\nExecStart=x\nType=forking\n'],
    ['a line that is none', '[Service]\nExecStart=x\nnonsense\n'],
  ])('refuses %s', (_title, text) => {
    expect(() => parseUnit(text)).toThrow(expect.objectContaining({ name: 'UnitFileError' }));
  });
});

describe('splitWords', () => {
  it.each([
    ['a  b', ['a', 'b']],
    ['"a b" c', ['a b', 'c']],
    ['\'a "b"\'', ['a "b"']],
    ['a\\ b', ['a b']],
    ['', []],
  ])('%s', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});

describe('parseEnvironmentFile', () => {
  it('reads names, quotes and backslashes, and leaves comments out', () => {
    expect(parseEnvironmentFile('# no\nA=plain\nB="q \\"x\\" \\$y"\nC=\'raw \\n\'\n\nnonsense\n')).toEqual({
      A: 'plain',
      B: 'q "x" $y',
      C: 'raw \\n',
    });
  });
});
