/** Synthesizes the app in this process, which takes seconds, and reads an {@link Installation} from its templates. */
import { SETTINGS_ENV } from '../../../functions/deploy/settings/settings.ts';
import { adopted, EXISTING_GROUP } from '../../../test/infra/adopted-configs.ts';
import { SynthesizedApp } from '../../../test/infra/synthesized.ts';
import { FLEETS_HOST, FLEETS_PATH } from '../cloud/traffic/places.ts';
import type { Installation } from './installation.ts';
import { existingFront, readFront } from './read-front.ts';
import { readFunctions } from './read-functions.ts';
import { readHooks, readMachines, readReconcile, readRules } from './read-machines.ts';
import { type SynthesizedTemplate, Templates } from './resolve.ts';

/**
 * `created`: servers of Holdfast's own; `existing`: servers that ran before it, which it prepares; `sticky`: its own, with sessions in
 * memory; `shared`: the same behind a listener that it shares with other services, which have other hosts and paths; `bundles`: its own, of
 * CodeDeploy bundles; `adopting`: servers that ran such bundles before it.
 */
export type Variant = 'created' | 'existing' | 'sticky' | 'shared' | 'bundles' | 'adopting';

const PLACE = { region: 'eu-west-1', account: '111122223333' } as const;
const FLEET = 'web';
const INSTALLATION = 'holdfast';
const TARGETS = `arn:aws:elasticloadbalancing:${PLACE.region}:${PLACE.account}`;
const NONE = { session: undefined, sessions: undefined, logs: undefined };
const BUNDLES = { app: { kind: 'bundle', readinessPath: '/ready', healthPath: '/healthz', ...NONE } } as const;
const SHARED_LISTENER = {
  listenerArn: `${TARGETS}:listener/app/shop/fedcba9876543210/0a1b2c3d4e5f6071`,
  listenerRule: { priority: 20, hosts: [FLEETS_HOST], paths: [`${FLEETS_PATH}/*`] },
  loadBalancerSecurityGroupId: 'sg-0123456789abcdef2',
};

type Config = Parameters<typeof SynthesizedApp.create>[0];

/** With the defaults, which are AWS's times and not the local cloud's short ones. */
function configOf(variant: Variant): Config {
  if (variant === 'sticky') return { ...PLACE, fleets: { [FLEET]: { allowPlainHttp: true, strategy: 'sticky' } } };
  if (variant === 'shared') return { ...adopted({ strategy: 'sticky', existing: SHARED_LISTENER }, {}), ...PLACE };
  if (variant === 'created') return { ...PLACE, fleets: { [FLEET]: { allowPlainHttp: true } } };
  if (variant === 'bundles') return { ...PLACE, fleets: { [FLEET]: { allowPlainHttp: true, ...BUNDLES } } };
  const { replacesService, ...group } = EXISTING_GROUP.existing ?? {};
  return {
    ...adopted(
      {
        ...(variant === 'adopting' && BUNDLES),
        existing: {
          ...group,
          ...(variant === 'existing' && { replacesService }),
          targetGroupArn: `${TARGETS}:targetgroup/shop/0123456789abcdef`,
          loadBalancerArn: `${TARGETS}:loadbalancer/app/shop/fedcba9876543210`,
        },
      },
      {},
    ),
    ...PLACE,
  };
}

export async function synthesizeInstallation(variant: Variant): Promise<Installation> {
  const app = await SynthesizedApp.create(configOf(variant));
  try {
    const templates = new Templates(
      new Map(
        app.stackNames.map((name) => [name, app.template(name.slice(INSTALLATION.length + 1)).toJSON() as unknown as SynthesizedTemplate]),
      ),
      PLACE,
    );
    return readInstallation(templates, variant);
  } finally {
    await app.remove();
  }
}

function readInstallation(templates: Templates, variant: Variant): Installation {
  const names = { installation: INSTALLATION, fleet: FLEET };
  const machines = readMachines(templates, names);
  const functions = readFunctions(templates, names);
  const { control, command } = functions;
  const settings = JSON.parse(of(control.environment, SETTINGS_ENV.deploySettings)) as { readonly alarmNames: readonly string[] };
  const prepare = command.environment['HOLDFAST_PREPARE_DOCUMENT'];
  const { alarmNames } = settings;
  const front =
    prepare === undefined
      ? readFront(templates, alarmNames)
      : existingFront(templates, alarmNames, of(command.environment, 'HOLDFAST_TARGET_GROUP_ARN'));
  return {
    ...PLACE,
    fleet: FLEET,
    prepares: prepare !== undefined,
    bundles: variant === 'bundles' || variant === 'adopting',
    machines,
    functions,
    rules: readRules(templates, machines),
    reconcile: readReconcile(templates, functions.reconcile),
    hooks: readHooks(templates),
    ...front,
    recordsTable: of(control.environment, 'HOLDFAST_RECORDS_TABLE'),
    documents: {
      waitIdle: of(command.environment, 'HOLDFAST_WAIT_IDLE_DOCUMENT'),
      install: of(command.environment, 'HOLDFAST_INSTALL_DOCUMENT'),
      observe: of(command.environment, 'HOLDFAST_OBSERVE_DOCUMENT'),
      accessLog: of(command.environment, 'HOLDFAST_ACCESS_LOG_DOCUMENT'),
      stageAssets: of(command.environment, 'HOLDFAST_STAGE_ASSETS_DOCUMENT'),
      ...(prepare !== undefined && { prepare }),
    },
    deploysTopicArn: of(control.environment, 'HOLDFAST_DEPLOYS_TOPIC_ARN'),
    settings,
  };
}

function of(environment: Readonly<Record<string, string>>, name: string): string {
  const value = environment[name];
  if (value === undefined) throw new Error(`no function has ${name}`);
  return value;
}
