import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStateFolder, onlyLine, runCli, spawnCli, startCli } from './run-cli.ts';

let state: ReturnType<typeof makeStateFolder>;
beforeAll(() => {
  state = makeStateFolder();
});
afterAll(() => state.remove());

const failure = (code: string, message: string | RegExp) => ({
  error: { code, message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message) },
});

describe.concurrent('arguments', () => {
  // No cloud is running here: an error other than NoCloud shows that the command did not try to connect.
  it.each([
    ['a shell command', '1.1.0; rm -rf /', '"1.1.0; rm -rf /"'],
    ['a path', '../x', '"../x"'],
    ['no character', '', '""'],
    ['what stands for no release', 'none', '"none"'],
    ['300 characters', '1'.repeat(300), `"${'1'.repeat(80)}…"`],
  ])('refuses a version with %s before it connects, and quotes the rule', async (_, version, quoted) => {
    const { code, stdout, stderr } = await runCli(state.folder, ['deploy', version, '--json']);
    expect(onlyLine(stdout)).toEqual(
      failure('InvalidVersion', `${quoted} is not a valid version. Nothing was started. A version begins with a letter or digit`),
    );
    expect([code, stderr]).toEqual([2, '']);
  });

  it('refuses an invalid version of a release to publish', async () => {
    const { code, stdout } = await runCli(state.folder, ['releases', 'publish', '.1', '.', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([2, failure('InvalidVersion', '".1" is not a valid version')]);
  });

  it('lists the commands when there is no argument', async () => {
    const { code, stdout, stderr } = await runCli(state.folder, []);
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      expect.stringMatching(/^NoCommand: no command was given\. Name one of the commands below(.|\n)*\n {2}deploy /),
    ]);
  });

  it('prints an error on one line of standard error without --json', async () => {
    const { code, stdout, stderr } = await spawnCli(state.folder, ['deploy', '../x']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^InvalidVersion: .*\n$/);
  });

  it.each<[string, string[], string, string]>([
    ['an unknown command', ['frob'], 'InvalidCommand', `unknown command 'frob' (--help lists the commands)`],
    ['an unknown option', ['status', '--frob'], 'InvalidCommand', "unknown option '--frob'"],
    ['a missing argument', ['deploy'], 'InvalidCommand', "missing required argument 'version' (--help shows examples)"],
    ['one argument too many', ['status', 'web'], 'InvalidCommand', 'too many arguments'],
    ['an option without its value', ['status', '--json', '--fleet'], 'InvalidCommand', "option '--fleet <name>' argument missing"],
    ['no command', ['--json'], 'InvalidCommand', "unknown option '--json'"],
    [
      'an invalid fleet',
      ['status', '--fleet', 'a b'],
      'InvalidFleet',
      '"a b" is not a valid fleet name. Nothing was started. It must match',
    ],
    ['an invalid installation', ['status', '--installation', '../x'], 'InvalidInstallation', 'is not a valid installation name'],
    ['an empty Region, as an unset variable gives', ['status', '--region', ''], 'InvalidRegion', '"" is not a valid AWS Region'],
    ['an invalid Region', ['status', '--region', 'europe'], 'InvalidRegion', '"europe" is not a valid AWS Region'],
    ['an invalid port', ['up', '--port', '70000'], 'InvalidOption', '--port "70000" is not a whole number from 0 to 65535'],
    ['an empty port', ['up', '--page-port', ''], 'InvalidOption', '--page-port ""'],
    ['a limit of 0', ['deploys', '--limit', '0'], 'InvalidOption', '--limit "0" is not a whole number from 1 to 10000'],
    ['an invalid id', ['deploys', 'show', 'a/b'], 'InvalidDeploy', '"a/b" is not a valid deploy id'],
    ['an invalid number of users', ['up', '--traffic', '1e3'], 'InvalidOption', '--traffic "1e3" is not a whole number from 1 to 2000'],
  ])('exits with 2 for %s', async (_, args, code, message) => {
    const ran = await runCli(state.folder, args.includes('--json') ? args : [...args, '--json']);
    expect([ran.code, onlyLine(ran.stdout)]).toEqual([2, failure(code, message)]);
  });

  it('prints its version, and the help of a command', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    const [printed, help, direct, unknown] = await Promise.all([
      runCli(state.folder, ['--version']),
      runCli(state.folder, ['help', 'deploys', 'show']),
      runCli(state.folder, ['deploys', 'show', '--help']),
      runCli(state.folder, ['help', 'deploys', 'frob']),
    ]);
    expect([printed.code, printed.stdout]).toEqual([0, `${version}\n`]);
    expect([help.code, help.stdout]).toEqual([0, direct.stdout]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('unknown command "deploys frob"')]);
  });

  it('the wrapper of the command passes arguments, output and exit code through', async () => {
    const { code, stdout } = await startCli(state.folder, ['deploy', '../x', '--json'], {}, 'holdfast.mjs').ended;
    expect([code, onlyLine(stdout)]).toEqual([2, failure('InvalidVersion', '"../x"')]);
  });
});
