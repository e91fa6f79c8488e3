/** `init`, which only the package has: a checkout has a configuration and an app. */
import { type Command, Option } from 'commander';
import { addCommand, type Common, type Run } from '../command-parts.ts';
import { badInput } from '../failure.ts';
import { fleetName, installationName, regionName, replicationGroupId, targetGroupArn } from '../option-values.ts';
import type { InitFleetOptions } from './existing-fleet/init-fleet.ts';
import { AUTHS } from './existing-store/choose-sign-in.ts';
import type { InitOptions } from './init.ts';

type Options = Common & InitOptions & Partial<InitFleetOptions>;

export function addInit(program: Command, run: Run): void {
  const command = addCommand(program, 'init', 'Write a CDK app with an installation of Holdfast into this folder; replace nothing.', [
    'init --store sessions --region eu-west-1',
    'init --certificate-arn arn:aws:acm:us-east-1:111122223333:certificate/example',
    'init --existing --target-group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/0123456789abcdef --store sessions',
    'init --existing --region eu-west-1',
  ])
    .option('--certificate-arn <arn>', 'ACM certificate of the load balancer that Holdfast creates')
    .option('--existing', 'your own load balancer, network and servers: fill in their ids, or name their target group')
    .addOption(
      new Option('--target-group <arn>', 'with --existing: read it and its servers, and write what they show')
        .argParser(targetGroupArn)
        .conflicts(['certificateArn', 'allowPlainHttp']),
    )
    .addOption(new Option('--allow-plain-http', 'serve plain HTTP, without a certificate'))
    .option('--region <region>', "AWS Region (default: the ARN's, else us-east-1)", regionName)
    .option('--installation <name>', 'installation (default: "holdfast")', installationName)
    .option('--fleet <name>', 'fleet (default: "web")', fleetName);
  addStoreOptions(command).action((options: Options) =>
    run(async (output) => {
      const { targetGroup, existing, ...rest } = options;
      const { store, printPolicy: _, ...unread } = options;
      if (targetGroup !== undefined && existing) {
        if (store === undefined) refuseStoreOptions(command, unread);
        return (await import('./existing-fleet/init-fleet.ts')).initFleet({ ...rest, targetGroup }, output);
      }
      if (targetGroup !== undefined || (store !== undefined && (existing || options.fleet !== undefined))) {
        throw badInput(
          'InvalidOption',
          '--target-group needs --existing; next to --store, --existing and --fleet need --target-group. Nothing was written.',
        );
      }
      if (store === undefined) {
        refuseStoreOptions(command, options);
        return (await import('./init.ts')).init(options, output);
      }
      return (await import('./existing-store/init-store.ts')).initStore({ ...rest, store }, output);
    }, options.json ?? false),
  );
}

/** An option that nothing reads would be ignored. @throws CommandFailure InvalidOption */
function refuseStoreOptions(command: Command, options: Options): void {
  const given = command.options.filter(
    (option) => option.description.startsWith(WITH_STORE) && options[option.attributeName() as keyof Options] !== undefined,
  );
  if (given.length === 0) return;
  const names = given.map(({ long }) => long).join(', ');
  throw badInput('InvalidOption', `${names} can be given with --store alone. Nothing was written.`);
}

const WITH_STORE = 'with --store';

/** Of an installation that watches a store and has no servers. */
const addStoreOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--store <replication-group-id>',
        'watch this ElastiCache group, without servers: read it, and write what it shows; next to --target-group, that of its sessions',
      )
        .argParser(replicationGroupId)
        .conflicts(['certificateArn', 'allowPlainHttp']),
    )
    .option('--key-prefix <prefix>', `${WITH_STORE}: what the keys of its sessions begin with`)
    .addOption(new Option('--auth <how>', `${WITH_STORE}: how functions sign in`).choices(AUTHS))
    .option('--user <name>', `${WITH_STORE}: as which user`)
    .option('--secret <arn>', `${WITH_STORE}: the secret with its password`)
    .option('--print-policy', `${WITH_STORE}: print an IAM policy with the rights that it needs, and call nothing`);
