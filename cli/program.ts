/**
 * The commands with their options and help. Each action calls one command, and loads it only then: bad input and help
 * are answered without the SDKs.
 */
import { Command, Option } from 'commander';
import type { CostOptions } from './commands/cost.ts';
import type { DeployOptions } from './commands/deploy.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { UpOptions } from './commands/up.ts';
import { deployId, fleetName, installationName, regionName, releaseVersion, whole } from './option-values.ts';
import type { Output } from './output.ts';

interface Common {
  readonly fleet?: string;
  readonly json?: boolean;
  readonly region?: string;
  readonly installation?: string;
}

/** Runs a command's work with an output of the kind that was asked for. The work may give an exit code of its own. */
export type Run = (work: (output: Output) => Promise<number> | Promise<void>, json: boolean) => Promise<void>;

const port = (name: string, text: string) =>
  new Option(`--${name} <port>`, `${text} (a free one by default)`).default(0).argParser(whole(`--${name}`, 0, 65_535));

export function buildProgram(run: Run): Command {
  const program = new Command('holdfast')
    .description('Rolls releases through fleets behind an Application Load Balancer without losing a session.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  addLocalCommands(program, run);
  addStatus(program, run);
  addDeploy(program, run);
  addDeploys(program, run);
  addReleases(program, run);
  addCost(program, run);
  addDoctor(program, run);
  return program;
}

function addCommand(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'print exactly one line of JSON on standard output')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ npx holdfast ${example}`).join('\n')}\n`);
}

const withCloud = (command: Command): Command =>
  command
    .option('--fleet <name>', 'the fleet (default: the local one, on AWS web)', fleetName)
    .option('--region <region>', 'talk to AWS in this Region; without it, to the local cloud that is up', regionName)
    .option('--installation <name>', 'the installation (default: holdfast)', installationName);

function addLocalCommands(program: Command, run: Run): void {
  addCommand(program, 'up', 'Start the local cloud with everything deployed, and leave it running. Local only.', [
    'up',
    'up --traffic 200',
    'up --app ./my-server --json',
  ])
    .option('--fleet <name>', 'the fleet (default: web)', fleetName)
    .option('--traffic <users>', 'send traffic of this many users until Ctrl-C', whole('--traffic', 1, 2_000))
    .option('--app <path>', 'folder of a server with holdfast.app.json, instead of the Node example')
    .option('--real-time', "the seed script's times instead of short ones")
    .addOption(port('port', 'port of the load balancer'))
    .addOption(port('gateway-port', 'port of the AWS endpoint'))
    .addOption(port('page-port', 'port of the page that says where everything is'))
    .action((options: Common & UpOptions) =>
      run(async (output) => (await import('./commands/up.ts')).up(options, output), options.json ?? false),
    );
  addCommand(program, 'down', 'End the local cloud of this checkout and everything that it started. Local only.', ['down']).action(
    (options: Common) => run(async (output) => (await import('./commands/up.ts')).down(output), options.json ?? false),
  );
}

function addStatus(program: Command, run: Run): void {
  const description = 'Show what the fleet runs, what each instance has, who holds the lock, and the latest deploy.';
  withCloud(addCommand(program, 'status', description, ['status', 'status --fleet web --json', 'status --region eu-west-1'])).action(
    (options: Common) => run(async (output) => (await import('./commands/status.ts')).status(options, output), options.json ?? false),
  );
}

function addDeploy(program: Command, run: Run): void {
  const description = 'Roll a published release through the fleet and follow it. Ctrl-C leaves the deploy running.';
  const examples = ['deploy 1.4.2', 'deploy 1.4.2 --wait --json --region eu-west-1', 'deploy 1.4.2 --on-failure halt'];
  withCloud(addCommand(program, 'deploy', description, examples))
    .argument('<version>', 'a published release', releaseVersion)
    .option('--wait', 'stay until the deploy has ended; the exit code is its outcome (for CI)')
    .option('--recover', 'roll a fleet that has no healthy target')
    .addOption(onFailure())
    .action((version: string, options: Common & DeployOptions) =>
      run(async (output) => (await import('./commands/deploy.ts')).deploy(version, options, output), options.json ?? false),
    );
}

const onFailure = () =>
  new Option('--on-failure <what>', "what becomes of the targets when it fails (default: the fleet's setting)").choices([
    'rollback',
    'halt',
  ]);

function addDeploys(program: Command, run: Run): void {
  const deploys = withCloud(
    addCommand(program, 'deploys', 'List the deploys of a fleet, latest first.', ['deploys', 'deploys --json']),
  ).action((options: Common) =>
    run(async (output) => (await import('./commands/deploys.ts')).list(options, output), options.json ?? false),
  );
  const examples = ['deploys resume 7a51fb7e-9f5c-4a07-a8a4-4a4d6b1d3c52', 'deploys resume 7a51fb7e-9f5c-4a07-a8a4-4a4d6b1d3c52 --wait'];
  const description =
    'Finish what a deploy that failed or was stopped has left: a new deploy of its release. Targets that have it are skipped.';
  withCloud(addCommand(deploys, 'resume', description, examples))
    .argument('<id>', "the deploy's id, as status shows it", deployId)
    .option('--wait', 'stay until the deploy has ended; the exit code is its outcome (for CI)')
    .addOption(onFailure())
    .action((id: string, _options: Common, self: Command) => {
      const options = self.optsWithGlobals<Common & DeployOptions>();
      return run(async (output) => (await import('./commands/deploys.ts')).resume(id, options, output), options.json ?? false);
    });
}

function addReleases(program: Command, run: Run): void {
  const examples = ['releases', 'releases --json', 'releases publish 1.4.2 ./build'];
  const releases = withCloud(addCommand(program, 'releases', "List the fleet's releases, newest first.", examples)).action(
    (options: Common) => run(async (output) => (await import('./commands/releases.ts')).list(options, output), options.json ?? false),
  );
  const description = 'Publish a folder with holdfast.app.json at its root, or a .tar.gz of one, as a release.';
  withCloud(
    addCommand(releases, 'publish', description, [
      'releases publish 1.4.2 ./build',
      'releases publish 1.4.2 ./build.tar.gz --region eu-west-1',
    ]),
  )
    .argument('<version>', 'its version, never used before', releaseVersion)
    .argument('<path>', 'the folder or archive')
    .action((version: string, path: string, _options: Common, self: Command) => {
      // Options of the same name are its parent's as well, wherever they stand on the line.
      const options = self.optsWithGlobals<Common>();
      return run(async (output) => (await import('./commands/releases.ts')).publish(version, path, options, output), options.json ?? false);
    });
}

function addCost(program: Command, run: Run): void {
  const description = 'Print what Holdfast itself costs a month, line by line, beside load balancer, store and servers. Asks no cloud.';
  addCommand(program, 'cost', description, ['cost', 'cost --servers 4 --deploys-per-day 10', 'cost --config holdfast.config.json --json'])
    .option('--fleet <name>', 'the fleet (default: the only one)', fleetName)
    .option('--servers <number>', "servers in the fleet (default: the configuration's minCapacity)", whole('--servers', 1, 1_000))
    .option('--deploys-per-day <number>', 'deploys of the fleet a day (default: 4)', whole('--deploys-per-day', 0, 1_000))
    .option('--region <region>', 'Region that the fleet is in; prices are those of us-east-1 whatever it is', regionName)
    .addOption(new Option('--config <file>', 'configuration to make the templates of').conflicts('assembly'))
    .option('--assembly <folder>', 'templates that "cdk synth" has made (default: cdk.out if it is there, else they are made)')
    .action(({ deploysPerDay, ...options }: Common & CostOptions & { deploysPerDay?: number }) =>
      run(
        async (output) => (await import('./commands/cost.ts')).cost({ ...options, deploysADay: deploysPerDay }, output),
        options.json ?? false,
      ),
    );
}

function addDoctor(program: Command, run: Run): void {
  const description =
    'Look at a fleet before anything is installed or rolled, and say what is wrong, why it matters and how to mend it. Changes nothing.';
  addCommand(program, 'doctor', description, [
    'doctor',
    'doctor --fleet web --json',
    'doctor --region eu-west-1',
    'doctor --region eu-west-1 --config staging.config.json',
  ])
    .option('--fleet <name>', "the fleet (default: the local one, else the configuration's only one)", fleetName)
    .option('--region <region>', 'talk to AWS in this Region; without it, to the local cloud that is up', regionName)
    .option('--config <file>', "the installation's configuration (default: the local cloud's own, on AWS holdfast.config.json)")
    .addHelpText(
      'after',
      `
Exit codes: 0 nothing worse than a notice; 4 warnings, or something that could not be looked at; 5 errors;
1 doctor itself failed, 2 bad input, 3 no cloud to talk to. A missing permission is a line that names the action.
`,
    )
    .action((options: Common & DoctorOptions) =>
      run(async (output) => (await import('./commands/doctor.ts')).doctor(options, output), options.json ?? false),
    );
}
