/** `init`, which only the package has: a checkout has a configuration and an app. */
import { type Command, Option } from 'commander';
import { addCommand, type Common, type Run } from '../command-parts.ts';
import { fleetName, installationName, regionName } from '../option-values.ts';
import type { InitOptions } from './initial-config.ts';

export function addInit(program: Command, run: Run): void {
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
      run(async (output) => (await import('./init.ts')).init(options, output), options.json ?? false),
    );
}
