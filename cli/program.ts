/**
 * The commands with their options and help. Each action calls one command, and loads it only then: bad input and help
 * are answered without the SDKs.
 */
import { Command, Option } from 'commander';
import { MOST_SERVERS, MOST_SESSION_BYTES } from '../advisor/situation.ts';
import { addCommand, type Common, type Run, withCloud } from './command-parts.ts';
import type { AdviseOptions } from './commands/advise.ts';
import type { CostOptions } from './commands/cost.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { UpOptions } from './commands/up.ts';
import { addDeploy, addDeploys } from './deploy-commands.ts';
import { fleetName, regionName, releaseVersion, whole } from './option-values.ts';
import { addSweep, addSweeps } from './sweep-commands.ts';

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
  addSweep(program, run);
  addSweeps(program, run);
  addStore(program, run);
  addCost(program, run);
  addDoctor(program, run);
  addAdvise(program, run);
  return program;
}

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
    .addOption(port('page-port', 'port of the console'))
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

function addStore(program: Command, run: Run): void {
  const description =
    'Show how the session store is: sessions, hit rate, keys without a TTL, memory and when it is full, replication. Asks no store: the collector reads it once a minute.';
  withCloud(addCommand(program, 'store', description, ['store', 'store --json', 'store --region eu-west-1'])).action((options: Common) =>
    run(async (output) => (await import('./commands/store.ts')).store(options, output), options.json ?? false),
  );
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

function addAdvise(program: Command, run: Run): void {
  const description =
    'Say where sessions should live (sticky servers, a Tomcat cluster or Redis) by the strategy matrix, with the rows that decide, the configuration, and the way from sticky servers to Redis. Asks no cloud.';
  addCommand(program, 'advise', description, [
    'advise --servers 4 --cloud --ha --session-bytes 2048 --zero-downtime',
    'advise --servers 3 --existing --json',
    'advise --servers 6 --legacy --zero-downtime',
  ])
    .requiredOption('--servers <number>', 'servers of the fleet', whole('--servers', 1, MOST_SERVERS))
    .option('--session-bytes <number>', 'one session, serialized, in bytes', whole('--session-bytes', 1, MOST_SESSION_BYTES))
    .option('--cloud', 'the servers run in a cloud or on Kubernetes')
    .option('--ha', 'high availability is the top priority')
    .option('--zero-downtime', 'releases are deployed without downtime')
    .addOption(new Option('--existing', 'there is a system already: the ratings decide').conflicts('legacy'))
    .addOption(new Option('--legacy', 'there is one, and its code cannot be changed: the ratings decide').conflicts('existing'))
    .action((options: Common & AdviseOptions) =>
      run(async (output) => (await import('./commands/advise.ts')).advise(options, output), options.json ?? false),
    );
}
