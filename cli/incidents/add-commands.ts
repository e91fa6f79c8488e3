/** The commands that list, show, decide and start incidents' runbooks. */
import type { Command } from 'commander';
import { RUNBOOKS, type Runbook } from '../../functions/incidents/contract/causes.ts';
import { addCommand, type Common, type Run, withChange, withCloud } from '../command-parts.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { incidentId, mitigationKey, runbookName, sinceTime, whole } from '../option-values.ts';
import type { ListOptions, RunOptions, ShowOptions } from './incidents.ts';

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

const RELEASE_EXIT_CODES = `
Exit codes:
  0  Auto Scaling replaces unhealthy servers again, or with --no-wait: the release is on record
  1  it has not ended, or the cloud refused or failed; run the same command again: it releases nothing twice
  2  invalid input, no such incident, it keeps no servers, or it has ended already; nothing was changed
  3  no cloud, or the credentials do not allow it; nothing was changed
`;

const DECISION_EXIT_CODES = `
Exit codes:
  0  the decision is recorded, and the runbook goes on
  1  the cloud refused or failed; run the same command again: it decides nothing twice
  2  invalid input, no such incident, or nothing waits (decided already, or too late); nothing was decided
  3  no cloud, or the credentials do not allow it; nothing was decided
`;

export function addIncidents(program: Command, run: Run): void {
  const description = 'List the incidents of the installation, newest first: what is wrong, since when, and what waits for a decision.';
  const incidents = withCloud(
    addCommand(program, 'incidents', description, ['incidents', 'incidents --limit 100 --json --region us-east-1']),
  )
    .option('--limit <number>', 'maximum number of incidents to list (default: 20)', whole('--limit', 1, 1_000))
    .addHelpText('after', READ_EXIT_CODES)
    // What is typed in haste is "incidents ID".
    .allowExcessArguments()
    .action((options: Common & ListOptions, self: Command) =>
      run(async (output) => {
        const [word] = self.args;
        if (word !== undefined)
          throw new CommandFailure(
            'InvalidCommand',
            `"incidents" has no command ${JSON.stringify(word.slice(0, 80))}. Nothing was started. Use "incidents show ID", "approve ID", "deny ID", "release ID" or "run RUNBOOK" (--help shows examples).`,
            EXIT.badInput,
          );
        await (await import('./incidents.ts')).list(options, output);
      }, options.json ?? false),
    );
  withCloud(
    addCommand(incidents, 'show', 'Show one incident: what is wrong, how sure that is, what was done, what to do now, and a timeline.', [
      'incidents show inc-0123456789ab',
      'incidents show inc-0123456789ab --all --region us-east-1',
    ]),
  )
    .argument('<id>', 'the incident\'s id or its first characters, as "incidents" lists it', incidentId)
    .option('--all', 'show every fact and event, and the API calls of each mitigation')
    .addHelpText('after', READ_EXIT_CODES)
    .action((id: string, _options: Common, self: Command) => {
      const options = self.optsWithGlobals<Common & ShowOptions>();
      return run(async (output) => (await import('./incidents.ts')).show(id, options, output), options.json ?? false);
    });
  for (const decision of ['approve', 'deny'] as const) addDecision(incidents, run, decision);
  addRelease(incidents, run);
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
    .option('--since <time>', 'begin of what is examined, such as 2026-11-22T03:00:00Z (default: an hour ago)', sinceTime)
    .addHelpText('after', RUN_EXIT_CODES)
    .action((runbook: Runbook, _options: Common, self: Command) => {
      const options = self.optsWithGlobals<Common & RunOptions>();
      return run(async (output) => (await import('./run-runbook.ts')).runRunbook(runbook, options, output), options.json ?? false);
    });
}

function addRelease(incidents: Command, run: Run): void {
  const description =
    "End what keeps a fleet's servers from being replaced (keep-servers) before its outage is over, and wait for that; the record names your role.";
  withChange(
    addCommand(incidents, 'release', description, [
      'incidents release inc-0123456789ab',
      'incidents release inc-0123456789ab keep-servers@web --no-wait --region us-east-1',
    ]),
  )
    .argument('<id>', 'the incident\'s id or its first characters, as "incidents" lists it', incidentId)
    .argument('[mitigation]', 'keep-servers of a fleet (default: the only one in effect)', mitigationKey)
    .option('--no-wait', 'return when the release is on record')
    .addHelpText('after', RELEASE_EXIT_CODES)
    .action((id: string, mitigation: string | undefined, _options: Common, self: Command) => {
      const options = self.optsWithGlobals<Common & { readonly wait?: boolean }>();
      return run(
        async (output) => (await import('./release-servers.ts')).releaseServers({ id, mitigation }, options, output),
        options.json ?? false,
      );
    });
}

function addDecision(incidents: Command, run: Run, decision: 'approve' | 'deny'): void {
  const description =
    decision === 'approve'
      ? 'Let a mitigation that waits for approval be carried out; the record names your role.'
      : 'Refuse a mitigation that waits for approval; the record names your role.';
  withChange(
    addCommand(incidents, decision, description, [
      `incidents ${decision} inc-0123456789ab`,
      `incidents ${decision} inc-0123456789ab restore-stickiness --region us-east-1`,
    ]),
  )
    .argument('<id>', 'the incident\'s id or its first characters, as "incidents" lists it', incidentId)
    .argument('[mitigation]', 'mitigation to decide about (default: the only one that waits)', mitigationKey)
    .addHelpText('after', DECISION_EXIT_CODES)
    .action((id: string, mitigation: string | undefined, _options: Common, self: Command) => {
      const options = self.optsWithGlobals<Common>();
      return run(
        async (output) => (await import('./decide-incident.ts')).decide({ id, mitigation, decision }, options, output),
        options.json ?? false,
      );
    });
}
