/** The `holdfast` command: reads the arguments, calls one command, turns its end into words and an exit code. */
import { Command, CommanderError, Option } from 'commander';
import { FLEET_PATTERN } from '../functions/deploy/contract.ts';
import { DEFAULT_FLEET } from './cloud.ts';
import { deploy } from './commands/deploy.ts';
import { list, publish } from './commands/releases.ts';
import { status } from './commands/status.ts';
import { down, traffic, up } from './commands/up.ts';
import { CommandFailure, EXIT, toFailure } from './failure.ts';
import { createOutput, type Output } from './output.ts';

interface Common {
  readonly fleet: string;
  readonly json?: boolean;
  readonly region?: string;
  readonly installation?: string;
}

const port = (name: string, text: string) =>
  new Option(`--${name} <port>`, `${text} (a free one by default)`).default(0).argParser((value) => whole(`--${name}`, value, 0, 65_535));

export function buildProgram(run: (work: (output: Output) => Promise<void>, json: boolean) => Promise<void>): Command {
  const program = new Command('holdfast')
    .description('Rolls releases through fleets behind an Application Load Balancer without losing a session.')
    .helpCommand(false)
    .showHelpAfterError('(add --help for examples)')
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const command = (parent: Command, name: string, description: string, examples: string[], onAws: boolean) => {
    const made = parent
      .command(name)
      .description(description)
      .option('--fleet <name>', 'the fleet', fleetName, DEFAULT_FLEET)
      .option('--json', 'print exactly one line of JSON on standard output')
      .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ holdfast ${example}`).join('\n')}\n`);
    if (onAws)
      made
        .option('--region <region>', 'talk to AWS in this Region; without it, to the local cloud that is up')
        .option('--installation <name>', 'the installation (default: holdfast)');
    return made;
  };

  command(
    program,
    'up',
    'Start the local cloud with everything deployed, and leave it running. Local only.',
    ['up', 'up --traffic 200', 'up --app ./my-server --json'],
    false,
  )
    .option('--traffic <users>', 'send traffic of this many users until Ctrl-C', (value) => whole('--traffic', value, 1, 2_000))
    .option('--app <path>', 'folder of a server with holdfast.app.json, instead of the Node example')
    .option('--real-time', "the seed script's times instead of short ones")
    .addOption(port('port', 'port of the load balancer'))
    .addOption(port('gateway-port', 'port of the AWS endpoint'))
    .addOption(port('page-port', 'port of the page that says where everything is'))
    .action((options: Common & Parameters<typeof up>[0] & { traffic?: number }) =>
      run(async (output) => {
        await up(options, output);
        if (options.traffic) await traffic({ users: options.traffic }, createOutput(false));
      }, options.json ?? false),
    );
  command(program, 'down', 'End the local cloud of this checkout and everything that it started. Local only.', ['down'], false).action(
    (options: Common) => run((output) => down(output), options.json ?? false),
  );
  command(
    program,
    'status',
    'Show what the fleet runs, what each instance has, and the latest deploy.',
    ['status', 'status --fleet web --json', 'status --region eu-west-1'],
    true,
  ).action((options: Common) => run((output) => status(options, output), options.json ?? false));
  command(
    program,
    'deploy <version>',
    'Roll a published release through the fleet and follow it. Ctrl-C leaves the deploy running.',
    ['deploy 1.4.2', 'deploy 1.4.2 --wait --json --region eu-west-1', 'deploy 1.4.2 --recover'],
    true,
  )
    .option('--wait', 'stay until the deploy has ended, whatever the terminal does; the exit code is its outcome (for CI)')
    .option('--recover', 'roll a fleet that has no healthy target')
    .action((version: string, options: Common & { wait?: boolean; recover?: boolean }) =>
      run((output) => deploy(version, options, output), options.json ?? false),
    );

  const releases = command(
    program,
    'releases',
    "List the fleet's releases, newest first.",
    ['releases', 'releases --json', 'releases publish 1.4.2 ./build'],
    true,
  ).action((options: Common) => run((output) => list(options, output), options.json ?? false));
  command(
    releases,
    'publish <version> <path>',
    'Publish a folder with holdfast.app.json at its root, or a .tar.gz of one, as a release.',
    ['releases publish 1.4.2 ./build', 'releases publish 1.4.2 ./build.tar.gz --region eu-west-1'],
    true,
  ).action((version: string, path: string, _options: Common, self: Command) => {
    const options = self.optsWithGlobals<Common>();
    return run((output) => publish(version, path, options, output), options.json ?? false);
  });
  return program;
}

function fleetName(value: string): string {
  if (new RegExp(FLEET_PATTERN).test(value)) return value;
  throw new CommandFailure(
    'InvalidFleet',
    `${JSON.stringify(value.slice(0, 80))} is not a fleet's name: it has to match ${FLEET_PATTERN}`,
    EXIT.badInput,
  );
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new CommandFailure(
    'InvalidOption',
    `${option} ${JSON.stringify(text)} is not a whole number from ${least} to ${most}`,
    EXIT.badInput,
  );
}

/** Runs the command line; gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  let exitCode = 0;
  const fail = (thrown: unknown) => {
    const failure = toFailure(thrown);
    exitCode = failure.exitCode;
    if (json) process.stdout.write(`${JSON.stringify({ error: { code: failure.code, message: failure.message } })}\n`);
    else process.stderr.write(`${failure.code}: ${failure.message}\n`);
  };
  const program = buildProgram(async (work, asJson) => work(createOutput(asJson)));
  try {
    if (args.length === 0) throw new CommandFailure('NoCommand', `name a command\n\n${program.helpInformation()}`, EXIT.badInput);
    await program.parseAsync([...args], { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return 0; // --help
      fail(new CommandFailure('InvalidCommand', thrown.message.replace(/^error: /, ''), EXIT.badInput));
    } else fail(thrown);
  }
  return exitCode;
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
