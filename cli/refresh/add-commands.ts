/** The command that replaces outdated servers. */
import { type Command, Option } from 'commander';
import { addCommand, type Common, type Run, withChange } from '../command-parts.ts';
import type { RefreshOptions } from './refresh.ts';

const EXIT_CODES = `
A server is outdated when its launch template version or its image differs from what the Auto Scaling group launches now.
Each is taken out of the load balancer, drained and terminated; the next one follows when its replacement is healthy.

Exit codes (for CI):
  0  the servers were replaced, or none is outdated
  1  the refresh failed or was stopped; every server that it took out was replaced, or serves again
  2  invalid input, or a fleet without an Auto Scaling group; nothing was changed
  3  no cloud, or the credentials do not allow it; nothing was changed
  6  it failed and a server has no replacement that serves, or its result is unknown: see "status"
  7  a deploy or another refresh of the fleet is running; nothing was changed
`;

export function addRefresh(program: Command, run: Run): void {
  const description =
    'Replace servers that were launched from outdated user data or an outdated image, one at a time; Ctrl-C leaves it running.';
  withChange(
    addCommand(program, 'refresh', description, [
      'refresh --dry-run',
      'refresh --region us-east-1',
      'refresh --all --json',
      'refresh --abort',
    ]),
  )
    .option('--dry-run', 'list the servers that would be replaced, and why; replace none')
    .option('--all', 'replace every server, outdated or not')
    .addOption(new Option('--abort', 'stop the refresh that is running').conflicts(['dryRun', 'all']))
    .addHelpText('after', EXIT_CODES)
    .action((options: Common & RefreshOptions) =>
      run(async (output) => (await import('./refresh.ts')).refresh(options, output), options.json ?? false),
    );
}
