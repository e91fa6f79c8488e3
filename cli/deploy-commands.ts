/** The commands that begin, show, follow and end deploys. */
import { type Command, Option } from 'commander';
import { addCommand, type Common, type Run, withCloud } from './command-parts.ts';
import type { DeployOptions } from './commands/deploy.ts';
import type { ListOptions } from './commands/deploys.ts';
import { deployId, releaseVersion, whole } from './option-values.ts';
import type { Output } from './output.ts';

const EXIT_CODES = `
Exit codes (for CI):
  0  the deploy has succeeded
  1  it has failed; every server has the release before, or none was touched
  2  bad input, or no such release or deploy; nothing was changed
  3  no cloud to talk to
  6  it has failed, and servers are not as they were, or how it ended is not known: "deploys show ID" says more
  7  another deploy of the fleet runs; nothing was changed
`;

export function addDeploy(program: Command, run: Run): void {
  const description = 'Roll a published release through the fleet and follow it. Ctrl-C leaves the deploy running.';
  const examples = ['deploy 1.4.2', 'deploy 1.4.2 --wait --json --region eu-west-1', 'deploy 1.4.2 --on-failure halt'];
  withCloud(addCommand(program, 'deploy', description, examples))
    .argument('<version>', 'a published release', releaseVersion)
    .option('--wait', 'stay until the deploy has ended; the exit code is its outcome (for CI)')
    .option('--recover', 'roll a fleet that has no healthy target')
    .addOption(onFailure())
    .addHelpText('after', EXIT_CODES)
    .action((version: string, options: Common & DeployOptions) =>
      run(async (output) => (await import('./commands/deploy.ts')).deploy(version, options, output), options.json ?? false),
    );
}

const onFailure = () =>
  new Option('--on-failure <what>', "what becomes of the targets when it fails (default: the fleet's setting)").choices([
    'rollback',
    'halt',
  ]);

export function addDeploys(program: Command, run: Run): void {
  const deploys = withCloud(
    addCommand(program, 'deploys', 'List the deploys of a fleet, latest first: when, how long, what, outcome, who.', [
      'deploys',
      'deploys --limit 100 --json',
    ]),
  )
    .option('--limit <number>', 'so many (default: 20)', whole('--limit', 1, 10_000))
    .action((options: Common & ListOptions) =>
      run(async (output) => (await import('./commands/deploys.ts')).list(options, output), options.json ?? false),
    );
  /** A command on one deploy. */
  const one = (
    name: string,
    description: string,
    examples: readonly string[],
    work: (id: string, options: Common & DeployOptions, output: Output) => Promise<number> | Promise<void>,
  ): Command =>
    withCloud(
      addCommand(
        deploys,
        name,
        description,
        examples.map((options) => `deploys ${name} 7a51fb7e${options}`),
      ),
    )
      .argument('<id>', "the deploy's id, or the beginning of it", deployId)
      .action((id: string, _options: Common, self: Command) => {
        const options = self.optsWithGlobals<Common & DeployOptions>();
        return run((output) => work(id, options, output) as Promise<number>, options.json ?? false);
      });
  one('show', 'Show one deploy, with what each server went through and how long that took.', ['', ' --json'], async (id, options, output) =>
    (await import('./commands/deploys.ts')).show(id, options, output),
  );
  one('follow', 'Follow a deploy until it has ended; the exit code is its outcome.', [''], async (id, options, output) =>
    (await import('./commands/deploys.ts')).follow(id, options, output),
  ).addHelpText('after', EXIT_CODES);
  one(
    'abort',
    'Stop a deploy that runs, and stay until its clean-up has brought the servers back.',
    ['', ' --json'],
    async (id, options, output) => (await import('./commands/abort-deploy.ts')).abort(id, options, output),
  ).addHelpText(
    'after',
    `
Exit codes: 0 it was stopped, and every server is as it was; 1 it had succeeded meanwhile; 2 it has ended already, nothing
was stopped; 6 it was stopped, and servers are not as they were, or the clean-up has not reported.
`,
  );
  const description =
    'Finish what a deploy that failed or was stopped has left: a new deploy of its release. Targets that have it are skipped.';
  one('resume', description, ['', ' --wait'], async (id, options, output) =>
    (await import('./commands/deploys.ts')).resume(id, options, output),
  )
    .option('--wait', 'stay until the deploy has ended; the exit code is its outcome (for CI)')
    .addOption(onFailure())
    .addHelpText('after', EXIT_CODES);
}
