/** The commands with their options and help. Each action loads its command only when it runs: invalid input and help need no SDK. */

import { Command, Option } from 'commander';
import { MAXIMUM_SERVERS, MAXIMUM_SESSION_BYTES } from '../advisor/situation.ts';
import { holdfast } from '../functions/shared/command-options.ts';
import { IS_PACKAGE, OWN_VERSION } from '../infra/own-files.ts';
import { addCanary } from './canary/add-command.ts';
import { actionOf, addCommand, type Run, withChange, withCloud } from './command-parts.ts';
import { addDeploy, addDeploys, addRestart, addRollback } from './deploy/add-commands.ts';
import { badInput } from './failure.ts';
import { addGate } from './gate/add-command.ts';
import { addIncidents, addLogs } from './incidents/add-commands.ts';
import { failingSeverity, fleetName, installationName, regionName, releaseVersion, whole } from './option-values.ts';
import { addSweep, addSweeps } from './sweep/add-commands.ts';

export const createProgram = (): Command =>
  new Command('holdfast')
    .description('Roll releases through fleets behind an Application Load Balancer without losing a session.')
    .helpCommand(false)
    .version(OWN_VERSION, '--version', 'print the version of Holdfast')
    .exitOverride()
    .configureOutput({ writeErr: () => {} });

/** Adds every command except those of other rooms, in the order of the help. */
export function addCommands(program: Command, run: Run): void {
  addStatus(program, run);
  addDeploy(program, run);
  addRollback(program, run);
  addDeploys(program, run);
  addRestart(program, run);
  addReleases(program, run);
  addSweep(program, run);
  addSweeps(program, run);
  addStore(program, run);
  addIncidents(program, run);
  addLogs(program, run);
  addCanary(program, run);
  addGate(program, run);
  addAdvise(program, run);
  addDoctor(program, run);
  addConfig(program, run);
  addVersion(program, run);
  addHelp(program);
}

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Deploy:': ['status', 'deploy', 'rollback', 'deploys', 'restart', 'releases', 'gate'],
  'Store:': ['sweep', 'sweeps', 'store'],
  'Incidents:': ['incidents', 'logs', 'canary', 'console'],
  'Plan:': ['init', 'advise', 'doctor', 'config'],
  'Local cloud:': ['up', 'down', 'fault'],
  'This command:': ['version', 'help'],
};

/** Puts every command that the program has under a heading of the help. @throws Error for one without a group */
export function groupCommands(program: Command): void {
  for (const command of program.commands) {
    const [heading] = Object.entries(GROUPS).find(([, names]) => names.includes(command.name())) ?? [];
    if (heading === undefined) throw new Error(`the command ${command.name()} is in no group of the help`);
    command.helpGroup(heading);
  }
}

function addStatus(program: Command, run: Run): void {
  const description = 'Show the current release, the release of each instance, the lock and the latest deploy.';
  withCloud(
    addCommand(program, 'status', description, [
      'status',
      'status --fleet web --json',
      'status --region us-east-1',
      'status --names --region us-east-1',
      'status --names store',
    ]),
  )
    .option(
      '--names [name]',
      'print the names of its AWS resources instead, for eval in a shell that calls the AWS CLI; or one of them alone, as it is',
    )
    .action(
      actionOf(run, async ({ names }) =>
        names ? (await import('./installation/names.ts')).names : (await import('./installation/status.ts')).status,
      ),
    );
}

/** Servers have Node or Java, and nothing of the application. */
const RELEASE_HELP = `
A release contains everything that its server runs, node_modules included.${
  IS_PACKAGE ? '' : '\nOf the example: node examples/node-app/build.mjs --version 1.4.2 --out dist/1.4.2'
}
`;

function addReleases(program: Command, run: Run): void {
  const examples = ['releases', 'releases --json --region us-east-1', 'releases publish 1.4.2 dist/1.4.2'];
  const releases = withCloud(addCommand(program, 'releases', 'List the releases of a fleet, newest first.', examples)).action(
    actionOf(run, async () => (await import('./releases/releases.ts')).list),
  );
  const description =
    'Publish a folder with holdfast.app.json at its root as a release; or, of a fleet with "app", a WAR or the folder of a CodeDeploy bundle.';
  const command = withChange(
    addCommand(releases, 'publish', description, [
      'releases publish 1.4.2 dist/1.4.2',
      'releases publish 1.4.2 target/app.war',
      'releases publish 1.4.2 dist/1.4.2 --region us-east-1',
      'releases publish 1.4.1 ./bundle --adopt',
    ]),
  )
    .addHelpText('after', RELEASE_HELP)
    .argument('<version>', 'new version, such as 1.4.2', releaseVersion)
    .argument('<path>', 'folder or .war')
    .option('--adopt', 'of a bundle: then let all servers take what they run for it, if their files are equal and they are ready')
    .option('--accept-differences', 'with --adopt: also if files differ; a rollback to it restores them')
    .action(actionOf(run, async () => (await import('./releases/releases.ts')).publish));
  // In the package every command has this option.
  if (!IS_PACKAGE)
    command.option(
      '--config <file>',
      'configuration with the "app" of a WAR or bundle (default: the local cloud\'s; on AWS holdfast.config.json)',
    );
}

function addStore(program: Command, run: Run): void {
  const description =
    "Show the collector's latest reading of the session store: sessions, hit rate, keys without a TTL, memory, replication.";
  const examples = ['store', 'store --json', 'store --from-fleet web', 'store --region us-east-1'];
  withCloud(addCommand(program, 'store', description, examples))
    .option('--from-fleet <name>', 'use the store from the network of this fleet instead: sign in, write and read one key', fleetName)
    .action(
      actionOf(run, async ({ fromFleet }) =>
        fromFleet ? (await import('./store/from-fleet.ts')).storeFromFleet : (await import('./store/store.ts')).store,
      ),
    );
}

function addDoctor(program: Command, run: Run): void {
  const description = 'Check a fleet and report what is wrong, why it matters and how to fix it; change nothing.';
  addCommand(program, 'doctor', description, [
    'doctor',
    'doctor --fleet web --json',
    'doctor --region us-east-1',
    'doctor --region us-east-1 --config holdfast.config.json',
    'doctor --region us-east-1 --installation shop --fail-on error',
  ])
    .option('--fleet <name>', "fleet (default: the local cloud's; on AWS the only one in the configuration)", fleetName)
    .option('--region <region>', 'AWS Region to use (default: the local cloud instead of AWS)', regionName)
    .option('--installation <name>', 'installation whose deployed configuration is used, without --config', installationName)
    .option('--config <file>', "configuration (default: the local cloud's; on AWS holdfast.config.json)")
    .option('--fail-on <severity>', 'least severity that fails the command: warning or error (default: warning)', failingSeverity)
    .addHelpText(
      'after',
      `
Exit codes:
  0  nothing worse than a notice
  1  doctor itself failed
  2  invalid input
  3  no cloud, or the credentials do not allow it
  4  warnings, or something that doctor could not read; a missing permission is a line that names the action
     (0 with --fail-on error)
  5  errors
`,
    )
    .action(actionOf(run, async () => (await import('./doctor/doctor.ts')).doctor));
}

function addAdvise(program: Command, run: Run): void {
  const description = 'Recommend where sessions should be stored: on sticky servers, in a Tomcat cluster or in Redis; call no cloud.';
  addCommand(program, 'advise', description, [
    'advise --servers 4 --cloud --ha --session-bytes 2048 --zero-downtime',
    'advise --servers 3 --existing --json',
    'advise --servers 6 --legacy --zero-downtime',
  ])
    .requiredOption('--servers <number>', 'number of servers', whole('--servers', 1, MAXIMUM_SERVERS))
    .option('--session-bytes <number>', 'size of one serialized session (bytes)', whole('--session-bytes', 1, MAXIMUM_SESSION_BYTES))
    .option('--cloud', 'the servers run in a cloud or on Kubernetes')
    .option('--ha', 'high availability is the top priority')
    .option('--zero-downtime', 'releases have to be deployed without downtime')
    .option('--page-state', 'pages keep state on the server, as those of Wicket, Faces and Vaadin do')
    .option('--no-page-state', 'they keep none')
    .addOption(new Option('--existing', 'the system exists: the ratings of the matrix decide').conflicts('legacy'))
    .addOption(
      new Option('--legacy', 'the system exists and its code cannot change: the ratings of the matrix decide').conflicts('existing'),
    )
    .action(actionOf(run, async () => (await import('./advise/advise.ts')).advise));
}

function addConfig(program: Command, run: Run): void {
  const config = program.command('config').description('Check a configuration.');
  addCommand(config, 'validate', 'Check a configuration as a synthesis does, without CDK; call no cloud.', [
    'config validate',
    'config validate examples/first-day/holdfast.config.json --json',
  ])
    .argument('[file]', 'configuration (default: that of HOLDFAST_CONFIG, else the nearest holdfast.config.json)')
    .action(actionOf(run, async () => (await import('./installation/config.ts')).validate));
}

function addVersion(program: Command, run: Run): void {
  const description = 'Show the versions of the command, of the installation and of its parts, each with the number of its contract.';
  withCloud(addCommand(program, 'version', description, ['version', 'version --region us-east-1 --json'])).action(
    actionOf(run, async () => (await import('./installation/version.ts')).version),
  );
}

export function addHelp(program: Command): void {
  program
    .command('help')
    .description('Show the help of a command.')
    .argument('[command...]', 'command, such as "deploy" or "deploys show"')
    .addHelpText('after', `\nExamples:\n  $ ${holdfast('help deploy')}\n  $ ${holdfast('help deploys show')}\n`)
    .action((names: readonly string[]) => {
      findCommand(program, names).outputHelp();
    });
}

/** @throws CommandFailure InvalidCommand */
function findCommand(program: Command, names: readonly string[]): Command {
  let found = program;
  for (const name of names) {
    const next = found.commands.find((command) => command.name() === name);
    if (next === undefined)
      throw badInput('InvalidCommand', `unknown command ${JSON.stringify(names.join(' '))}. "${holdfast('help')}" lists the commands.`);
    found = next;
  }
  return found;
}
