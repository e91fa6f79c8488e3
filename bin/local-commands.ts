/** `up`, `down` and `fault`: the commands that only the local cloud has. The code behind them is loaded only when one runs. */
import { type Command, Option } from 'commander';
import { actionOf, addCommand, type Common, type Run } from '../cli/command-parts.ts';
import { fleetName, whole } from '../cli/option-values.ts';

const port = (name: string, text: string) =>
  new Option(`--${name} <port>`, text).default(0, 'a free one').argParser(whole(`--${name}`, 0, 65_535));

export function addLocalCommands(program: Command, run: Run): void {
  addCommand(program, 'up', 'Start the local cloud with everything deployed, and leave it running. Local only.', [
    'up',
    'up --traffic 200',
    'up --app tomcat',
    'up --app ./my-server --json',
  ])
    .option('--fleet <name>', 'the fleet (default: web)', fleetName)
    .option(
      '--traffic <users>',
      'send traffic of this many users until Ctrl-C, or until the local cloud stops; also to one that is up',
      whole('--traffic', 1, 2_000),
    )
    .option('--recipe <file>', "a canary's recipe, by which those users log in (default: POST /login and GET /count: docs/local-cloud.md)")
    .option('--app <app>', 'tomcat, spring, the folder of a server with holdfast.app.json, or a WAR, instead of the Node example')
    .addOption(new Option('--emulator <name>', 'the emulator behind the gateway (default: ministack)').choices(['ministack', 'localstack']))
    .option(
      '--emulator-endpoint <url>',
      "a LocalStack with Holdfast's extension that you run yourself; needs --gateway-port and the variable HOLDFAST_EMULATOR_TOKEN (docs/internals/localstack.md)",
    )
    .option('--config <file>', 'fleet settings to use where they apply here (default: holdfast.config.json of the checkout)')
    .option('--real-time', 'use the default times of AWS instead of short ones')
    .addOption(port('port', 'port of the load balancer'))
    .addOption(port('gateway-port', 'port of the AWS endpoint'))
    .addOption(port('page-port', 'port of the console'))
    .action(actionOf(run, async () => (await import('../lab/demo/up.ts')).up));
  addCommand(program, 'down', 'End the local cloud of this checkout and everything that it started. Local only.', ['down']).action(
    (options: Common) => run(async (output) => (await import('../lab/demo/up.ts')).down(output), options.json ?? false),
  );
  addFault(program, run);
}

const duringDeploy = () => new Option('--during-deploy', 'restart servers even while a deploy or a restart works on them');

function addFault(program: Command, run: Run): void {
  const fault = program.command('fault').description('Rehearse an incident: set a fault in the local cloud, and clear it. Local only.');
  const command = (name: string, description: string, examples: readonly string[]) =>
    addCommand(fault, name, description, examples)
      .option('--fleet <name>', "fleet (default: the local cloud's)", fleetName)
      .option('--region <region>', 'refused: no fault is set on AWS');
  command('inject', 'Set a fault; what was there before is put back by "fault clear".', [
    'fault inject unreadable-sessions',
    'fault inject store-down',
  ])
    .argument('<name>', 'a name of "fault list"')
    .addOption(duringDeploy())
    .action(actionOf(run, async () => (await import('../lab/demo/incident-faults/command.ts')).inject));
  command('list', 'List the faults, and which are set.', ['fault list', 'fault list --json']).action(
    actionOf(run, async () => (await import('../lab/demo/incident-faults/command.ts')).list),
  );
  command('clear', 'Put everything back as it was before the faults that are set.', ['fault clear'])
    .addOption(duringDeploy())
    .action(actionOf(run, async () => (await import('../lab/demo/incident-faults/command.ts')).clear));
}
