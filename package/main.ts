#!/usr/bin/env node
/** The process of the `holdfast` command of the package. */
import { Option } from 'commander';
import { addCommand, type Common } from '../cli/command-parts.ts';
import type { InitOptions } from '../cli/init/initial-config.ts';
import { fleetName, installationName, regionName } from '../cli/option-values.ts';
import { runCommandLine } from '../cli/run-command-line.ts';

const OLDEST_NODE = 22;
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `UnsupportedNode: Holdfast needs Node.js ${OLDEST_NODE} or newer, and this is ${process.versions.node}. Nothing was started. Install a newer version.\n`,
  );
  process.exit(2);
}

const code = await runCommandLine(process.argv.slice(2), (program, run) => {
  addCommand(program, 'init', 'Write a CDK app with an installation of Holdfast into this folder; replace nothing.', [
    'init --certificate-arn arn:aws:acm:us-east-1:111122223333:certificate/example',
    'init --existing --region eu-west-1',
  ])
    .option('--certificate-arn <arn>', 'ACM certificate of the load balancer that Holdfast creates')
    .option('--existing', 'your own load balancer, network and servers: fill in their ids')
    .addOption(new Option('--allow-plain-http', 'serve plain HTTP, without a certificate'))
    .option('--region <region>', "AWS Region (default: the certificate's, else us-east-1)", regionName)
    .option('--installation <name>', 'installation (default: "holdfast")', installationName)
    .option('--fleet <name>', 'fleet (default: "web")', fleetName)
    .action((options: Common & InitOptions) =>
      run(async (output) => (await import('../cli/commands/init.ts')).init(options, output), options.json ?? false),
    );
});
process.exit(code);
