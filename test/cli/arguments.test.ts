import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeStateFolder, onlyLine, runCli, startCli } from './run-cli.ts';

let state: ReturnType<typeof makeStateFolder>;
beforeAll(() => {
  state = makeStateFolder();
});
afterAll(() => state.remove());

const failure = (code: string, message: string | RegExp) => ({
  error: { code, message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message) },
});

describe.concurrent('arguments', () => {
  // No cloud is up here: an answer other than NoCloud shows that nothing was looked for.
  it.each([
    ['a command in it', '1.1.0; rm -rf /', '"1.1.0; rm -rf /"'],
    ['a path', '../x', '"../x"'],
    ['no character', '', '""'],
    ['300 characters', '1'.repeat(300), `"${'1'.repeat(80)}…"`],
  ])('a version with %s is refused before anything is connected to, with the rule', async (_, version, quoted) => {
    const { code, stdout, stderr } = await runCli(state.folder, ['deploy', version, '--json']);
    expect(onlyLine(stdout)).toEqual(
      failure('InvalidVersion', `${quoted} is not a version: it has to match ^[0-9][0-9A-Za-z._+-]{0,63}$; nothing was started`),
    );
    expect([code, stderr]).toEqual([2, '']);
  });

  it('a release with a bad version is refused as well', async () => {
    const { code, stdout } = await runCli(state.folder, ['releases', 'publish', 'v1', '.', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([2, failure('InvalidVersion', '"v1" is not a version')]);
  });

  it('no argument at all is answered with the commands', async () => {
    const { code, stdout, stderr } = await runCli(state.folder, []);
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^NoCommand: name a command(.|\n)*\n {2}deploy /)]);
  });

  it('without --json an error is one sentence on standard error', async () => {
    const { code, stdout, stderr } = await runCli(state.folder, ['deploy', '../x']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^InvalidVersion: .*\n$/);
  });

  it.each<[string, string[], string, string]>([
    ['an unknown command', ['frob'], 'InvalidCommand', "unknown command 'frob'"],
    ['an unknown option', ['status', '--frob'], 'InvalidCommand', "unknown option '--frob'"],
    ['a missing argument', ['deploy'], 'InvalidCommand', "missing required argument 'version' (--help shows examples)"],
    ['an argument too many', ['status', 'web'], 'InvalidCommand', 'too many arguments'],
    ['an option without its value', ['status', '--json', '--fleet'], 'InvalidCommand', "option '--fleet <name>' argument missing"],
    ['no command', ['--json'], 'InvalidCommand', "unknown option '--json'"],
    ['a bad fleet', ['status', '--fleet', 'a b'], 'InvalidFleet', '"a b" is not a fleet\'s name: it has to match'],
    ['a bad installation', ['status', '--installation', '../x'], 'InvalidInstallation', "is not an installation's name"],
    ['a Region that is empty, as of a variable that is not set', ['status', '--region', ''], 'InvalidRegion', '"" is not a Region'],
    ['a Region that is none', ['status', '--region', 'europe'], 'InvalidRegion', '"europe" is not a Region of AWS'],
    ['a port that is none', ['up', '--port', '70000'], 'InvalidOption', '--port "70000" is not a whole number from 0 to 65535'],
    ['a port that is empty', ['up', '--page-port', ''], 'InvalidOption', '--page-port ""'],
    ['a limit of none', ['deploys', '--limit', '0'], 'InvalidOption', '--limit "0" is not a whole number from 1 to 10000'],
    ['an id that is none', ['deploys', 'show', 'a/b'], 'InvalidDeploy', '"a/b" is not a deploy\'s id'],
    ['users that are no number', ['up', '--traffic', '1e3'], 'InvalidOption', '--traffic "1e3" is not a whole number from 1 to 2000'],
  ])('%s is bad input', async (_, args, code, message) => {
    const ran = await runCli(state.folder, args.includes('--json') ? args : [...args, '--json']);
    expect([ran.code, onlyLine(ran.stdout)]).toEqual([2, failure(code, message)]);
  });

  it.each([
    ['up'],
    ['down'],
    ['status'],
    ['deploy'],
    ['deploys'],
    ['deploys show'],
    ['deploys follow'],
    ['deploys abort'],
    ['deploys resume'],
    ['releases'],
    ['releases publish'],
  ])('%s --help shows examples', async (command) => {
    const { code, stdout } = await runCli(state.folder, [...command.split(' '), '--help']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`Examples:\n  \\$ npx holdfast ${command}`))]);
  });

  it('the wrapper that npx runs passes arguments, output and exit code on', async () => {
    const { code, stdout } = await startCli(state.folder, ['deploy', '../x', '--json'], {}, 'holdfast.mjs').ended;
    expect([code, onlyLine(stdout)]).toEqual([2, failure('InvalidVersion', '"../x"')]);
  });
});
