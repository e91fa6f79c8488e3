/** The commands that start, show, follow, stop and resume deploys. */
import { type Command, Option } from 'commander';
import { EXPECTED } from '../../functions/deploy/settings/settings.ts';
import { actionOf, addCommand, type Run, withChange, withCloud, withLimit } from '../command-parts.ts';
import { deployId, instanceId, releaseVersion, whole } from '../option-values.ts';

const EXIT_CODES = `
Exit codes (for CI):
  0  the deploy succeeded
  1  it failed; every server runs the previous release, or none was changed
  2  invalid input, or no such release or deploy; nothing was changed
  3  no cloud, or the credentials do not allow it; nothing was changed
  6  it failed and servers were left changed, or its result is unknown: see "deploys show ID"
  7  another deploy of the fleet is running; nothing was changed
  130 or 143  Ctrl-C, or a job that was cancelled: the deploy goes on
`;

export function addDeploy(program: Command, run: Run): void {
  const description = 'Roll a published release through a fleet and follow the deploy; Ctrl-C leaves it running.';
  const examples = [
    'deploy 1.4.2',
    'deploy 1.4.2 --dry-run',
    'deploy 1.4.2 --json --region us-east-1',
    'deploy 1.4.2 --on-failure halt',
    'deploy 1.4.2 --pause-after 1',
    'deploy 1.4.2 --expect turned-away',
  ];
  withRoll(addCommand(program, 'deploy', description, examples).argument('<version>', 'version of a published release', releaseVersion))
    .option('--ignore-application-stop-failures', 'of a bundle: go on when the stop scripts of the bundle before fail')
    .option('--dry-run', 'show the order, the times and everything that would refuse the deploy; change nothing')
    .addHelpText('after', `${EXIT_CODES}With --dry-run: 0 nothing refuses the deploy; 2 it would be refused.\n`)
    .action(actionOf(run, async ({ dryRun }) => (dryRun ? (await import('./dry-run.ts')).dryRun : (await import('./deploy.ts')).deploy)));
}

/** The options of a command that rolls a fleet. */
const withRoll = (command: Command): Command =>
  withChange(command)
    .option('--recover', 'start even if too few targets are healthy')
    .option(
      '--pause-after <number>',
      'stop after so many servers until "deploys continue"; roll back without it in deploy.pauseMinutes (default: do not stop)',
      whole('--pause-after', 1, 1_000),
    )
    .addOption(onFailure())
    .addOption(
      new Option(
        '--expect <kind>',
        'let this one release log users out (turned-away) or break parts of pages (pages); all else still stops it',
      ).choices(EXPECTED),
    );

export function addRollback(program: Command, run: Run): void {
  const description = 'Deploy the release that the last successful deploy replaced, and follow that; Ctrl-C leaves it running.';
  withChange(addCommand(program, 'rollback', description, ['rollback', 'rollback --dry-run', 'rollback --json --region us-east-1']))
    .option('--dry-run', 'show which release it would deploy, and what would refuse that; change nothing')
    .addHelpText('after', `${EXIT_CODES}After a rollback: asks on a terminal, and is refused with 2 without one.\n`)
    .action(
      actionOf(run, async ({ dryRun }) => {
        const { rollback, rollbackDryRun } = await import('./rollback.ts');
        return dryRun ? rollbackDryRun : rollback;
      }),
    );
}

export function addRestart(program: Command, run: Run): void {
  const description =
    "Restart one server, or all, with the release that they have, by a deploy's own steps, and follow that; Ctrl-C leaves it running.";
  const examples = ['restart i-0abc1234', 'restart i-0abc1234 --json --region us-east-1', 'restart --all', 'restart --all --pause-after 1'];
  withRoll(addCommand(program, 'restart', description, examples))
    .argument('[instance]', 'id of a server of the fleet, as "status" lists it', instanceId)
    .option('--all', 'restart every server, one after the other, as a deploy rolls them: they start with current secrets and parameters')
    .addHelpText('after', EXIT_CODES)
    .action(actionOf(run, async () => (await import('./restart.ts')).restart));
}

const onFailure = () =>
  new Option('--on-failure <what>', "what to do with the servers when the deploy fails (default: the fleet's setting)").choices([
    'rollback',
    'halt',
  ]);

export function addDeploys(program: Command, run: Run): void {
  const deploys = withLimit(
    addCommand(program, 'deploys', 'List the deploys of a fleet, newest first.', [
      'deploys',
      'deploys --limit 100 --json --region us-east-1',
    ]),
    'deploys',
    10_000,
  ).action(actionOf(run, async () => (await import('./deploys.ts')).list));
  /** A command on one deploy; `show` and `follow` change nothing. */
  const one = (name: string, description: string, examples: readonly string[], load: Parameters<typeof actionOf>[1]): Command =>
    (['show', 'follow'].includes(name) ? withCloud : withChange)(
      addCommand(
        deploys,
        name,
        description,
        examples.map((options) => `deploys ${name} 7a51fb7e${options}`),
      ),
    )
      .argument('<id>', 'the deploy\'s id or its first characters, as "deploys" lists it', deployId)
      .action(actionOf(run, load));
  one(
    'show',
    'Show one deploy with the phases of each server and their durations.',
    ['', ' --json --region us-east-1'],
    async () => (await import('./deploys.ts')).show,
  );
  one(
    'follow',
    'Follow a deploy until it has ended.',
    ['', ' --region us-east-1'],
    async () => (await import('./deploys.ts')).follow,
  ).addHelpText('after', EXIT_CODES);
  withChange(
    addCommand(deploys, 'abort', 'Stop a running deploy and wait until its clean-up has restored the servers.', [
      'deploys abort',
      'deploys abort 7a51fb7e',
      'deploys abort --mine --json --region us-east-1',
    ]),
  )
    .argument('[id]', 'the deploy\'s id or its first characters, as "deploys" lists it (default: the one that runs)', deployId)
    .option('--mine', 'the deploy that these credentials started and that still runs, if there is one; for a job that was cancelled')
    .action(actionOf(run, async () => (await import('./abort-deploy.ts')).abort))
    .addHelpText(
      'after',
      `
Exit codes:
  0  the deploy was stopped and every server is as it was before; with --mine also: none of yours was running
  1  it succeeded before it could be stopped
  2  invalid input, or the deploy had ended or none was running; nothing was stopped
  3  no cloud, or the credentials do not allow it; nothing was stopped
  6  it was stopped and servers were left changed, or its clean-up has not reported
`,
    );
  one(
    'continue',
    'Let a deploy go on that waits after its first servers; "deploys abort" rejects it, and it rolls back.',
    ['', ' --json --region us-east-1'],
    async () => (await import('./continue-deploy.ts')).continueDeploy,
  ).addHelpText(
    'after',
    `
Exit codes:
  0  the deploy goes on when it checks again
  1  it is unknown whether the deploy goes on; run the command again
  2  invalid input, no such deploy, or it does not wait; nothing was changed
  3  no cloud; nothing was changed
`,
  );
  one(
    'end-drain',
    'End the wait for the sessions or requests of a server; those that are left are lost. Asks before it cuts requests.',
    ['', ' --server i-0abc1234', ' --json --region us-east-1'],
    async () => (await import('./end-drain.ts')).endDrain,
  )
    .option('--server <instance>', 'end it for this server alone; refuse when the deploy waits for another one', instanceId)
    .addHelpText(
      'after',
      `
Exit codes:
  0  the deploy goes on when it checks the server again
  1  it is unknown whether the wait has ended; run the command again
  2  invalid input, no such deploy, it waits for no server, or requests and neither a terminal nor --yes; nothing was changed
  3  no cloud, or the credentials do not allow it; nothing was changed
`,
    );
  const description = 'Deploy the release of a failed or stopped deploy again; servers that already run it are skipped.';
  one('resume', description, ['', ' --region us-east-1'], async () => (await import('./deploys.ts')).resume)
    .option('--recover', 'start even if too few targets are healthy, and end sessions that it cannot wait for')
    .addOption(onFailure())
    .addHelpText('after', EXIT_CODES);
}
