/** The commands about incidents: list and show them, carry out what they name, start their runbooks. */
import type { Command } from 'commander';
import { RUNBOOKS } from '../../functions/incidents/contract/causes.ts';
import type { MitigationKey } from '../../functions/incidents/contract/mitigations.ts';
import { MOST_MINUTES } from '../../functions/incidents/lines/contract.ts';
import { actionOf, addCommand, type Common, type ListOptions, type Run, withChange, withCloud, withLimit } from '../command-parts.ts';
import { badInput } from '../failure.ts';
import { incidentId, instanceId, mitigationKey, pastTime, runbookName, whole } from '../option-values.ts';
import type { Output } from '../output.ts';
import type { DoOptions } from './do-mitigation.ts';

const RUN_EXIT_CODES = `
Exit codes:
  0  the runbook ended, and its report is printed
  1  the runbook failed
  2  invalid input; nothing was started
  3  no cloud, or the credentials do not allow it; nothing was started
  130 or 143  Ctrl-C, or a job that was cancelled: the runbook goes on
`;

const READ_EXIT_CODES = `
Exit codes:
  0  printed
  1  the cloud refused or failed
  2  invalid input, or no such incident
  3  no cloud, or the credentials do not allow it
`;

const DO_EXIT_CODES = `
Exit codes:
  0  it was carried out and its result was checked (with --no-wait: it begins), or it is ended
  1  it was refused or failed, has not ended, or the cloud refused or failed; run the same command again: it does nothing twice
  2  invalid input, no such incident or mitigation, or the runbook is at work; nothing was changed
  3  no cloud, or the credentials do not allow it; nothing was changed
`;

export function addIncidents(program: Command, run: Run): void {
  const description = 'List the incidents of the installation, newest first: what is wrong, since when, and how each stands.';
  const incidents = withLimit(
    addCommand(program, 'incidents', description, ['incidents', 'incidents --limit 100 --json --region us-east-1']),
    'incidents',
    1_000,
  )
    .addHelpText('after', READ_EXIT_CODES)
    // What is typed in haste is "incidents ID".
    .allowExcessArguments()
    .action((options: Common & ListOptions, self: Command) =>
      run(async (output) => {
        const [word] = self.args;
        if (word !== undefined)
          throw badInput(
            'InvalidCommand',
            `"incidents" has no command ${JSON.stringify(word.slice(0, 80))}. Nothing was started. Use "incidents show ID", "do ID MITIGATION", "end ID MITIGATION" or "run RUNBOOK" (--help shows examples).`,
          );
        await (await import('./incidents.ts')).list(options, output);
      }, options.json ?? false),
    );
  withCloud(
    addCommand(incidents, 'show', 'Show one incident: what is wrong, how sure that is, what was done, what to do now, and a timeline.', [
      'incidents show inc-0123456789ab',
      'incidents show inc-0123456789ab --verbose --region us-east-1',
    ]),
  )
    .argument('<id>', 'the incident\'s id or its first characters, as "incidents" lists it', incidentId)
    .option('--verbose', 'show the rest: every fact and event, and the API calls of each mitigation')
    .addHelpText('after', READ_EXIT_CODES)
    .action(actionOf(run, async () => (await import('./incidents.ts')).show));
  for (const what of ['do', 'end'] as const) addMitigation(incidents, run, what);
  const runs = 'Run a runbook now and print its report; with --dry-run it changes nothing and names what it would do.';
  withChange(
    addCommand(incidents, 'run', runs, [
      'incidents run logged-out --dry-run',
      'incidents run store-failure --fleet web --dry-run --region us-east-1',
      'incidents run session-explosion --since 2026-11-22T03:00:00Z',
    ]),
  )
    .argument('<runbook>', RUNBOOKS.join(', '), runbookName)
    .option('--dry-run', 'walk every step and send nothing that changes anything')
    .option('--since <time>', 'begin of what is examined, such as 2026-11-22T03:00:00Z (default: an hour ago)', pastTime('--since'))
    .addHelpText('after', RUN_EXIT_CODES)
    .action(actionOf(run, async () => (await import('./run-runbook.ts')).runRunbook));
}

const LOGS_EXIT_CODES = `
Exit codes:
  0  printed
  1  no server gave its lines, or the cloud refused or failed
  2  invalid input, no such server, or somebody else reads logs of the fleet now
  3  no cloud, or the credentials do not allow it
`;

export function addLogs(program: Command, run: Run): void {
  const description =
    "Show what the application wrote on each server around a time. Servers leave secrets and ids of sessions out; the installation's records name you.";
  withCloud(
    addCommand(program, 'logs', description, [
      'logs --around 2026-11-22T03:00:00Z',
      'logs --around 2026-11-22T03:00:00Z --minutes 5 --server i-0abc --region us-east-1',
    ]),
  )
    .requiredOption('--around <time>', 'the time, such as 2026-11-22T03:00:00Z', pastTime('--around'))
    .option('--minutes <number>', `minutes before and after it, at most ${MOST_MINUTES} (default: 2)`, whole('--minutes', 1, MOST_MINUTES))
    .option('--server <id>', 'the only server (default: each that is registered)', instanceId)
    .addHelpText('after', LOGS_EXIT_CODES)
    .action(actionOf(run, async () => (await import('./logs.ts')).logs));
}

const WHAT = {
  do: 'Have Holdfast carry out a mitigation that an incident names, and wait for its result; its pre-conditions are read again, and the record names you.',
  end: 'Undo what a mitigation of an incident has changed; the record names you.',
} as const;

function addMitigation(incidents: Command, run: Run, what: 'do' | 'end'): void {
  const command = withChange(
    addCommand(incidents, what, WHAT[what], [
      `incidents ${what} inc-0123456789ab restore-stickiness`,
      `incidents ${what} inc-0123456789ab re-login-page@web --region us-east-1`,
    ]),
  )
    .argument('<id>', 'the incident\'s id or its first characters, as "incidents" lists it', incidentId)
    .argument('<mitigation>', 'its name, as "incidents show" prints it', mitigationKey);
  if (what === 'do') command.option('--no-wait', 'return when it begins');
  command.addHelpText('after', DO_EXIT_CODES).action(
    actionOf(run, async () => {
      const { doMitigation } = await import('./do-mitigation.ts');
      return (id: string, mitigation: MitigationKey, options: DoOptions, output: Output) =>
        doMitigation({ id, mitigation, what }, options, output);
    }),
  );
}
