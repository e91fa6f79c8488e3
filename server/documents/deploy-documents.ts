/**
 * The content of the SSM documents that deploys run. The same content runs on AWS and in the local cloud.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html
 */
import {
  BUNDLE_MODES,
  DOCUMENT_STEPS,
  type DOCUMENTS,
  DRAIN_SIGNALS,
  INSTALL_MODES,
  type InstallParameters,
  LONG_LIVED,
  type ObserveParameters,
  PREPARE_STEP,
  STOP_FAILURES,
  type StageAssetsParameters,
  WATCHES,
  type WaitIdleParameters,
} from '../../functions/instance/document-contract.ts';
import { DOMAINS } from '../../functions/shared/aws/partition.ts';
import { INSTALLED_VERSION_PATTERN } from '../../functions/shared/version.ts';
import {
  type DocumentContent,
  type DocumentParameter,
  documentOf,
  LINUX,
  NUMBER,
  pythonStep,
  shellStep,
  variable,
} from './document-content.ts';
import { readAccessLogContent } from './read-logs.ts';

const END = 'HOLDFAST_PREPARE';
/** Includes the download of packages. */
const TIMEOUT_SECONDS = 240;
/**
 * The agent is online while the server's own user data can still install what a release needs, and hold the package manager's lock. User data
 * that goes on for a quarter of an hour is an application in the foreground.
 * @see https://github.com/aws-samples/aws-codedeploy-samples/issues/60
 */
const AFTER_OWN_USER_DATA = [
  `cloud_init="\${HOLDFAST_LOCAL_CLOUD_INIT:-/run/cloud-init}"`,
  'waited=0',
  'while [ ! -e "$cloud_init/result.json" ] && [ "$waited" -lt 30 ] && [ -n "$(find -L "$cloud_init/status.json" -mmin -15 2>/dev/null)" ]; do',
  '  sleep 1',
  '  waited=$((waited + 1))',
  'done',
  `if [ "$waited" -gt 0 ]; then echo '{"result":"preparing","phase":"running in cloud-init"}'; exit 0; fi`,
];

/**
 * Runs `script` by bash, from a file, so that the commands in it do not read the rest of it as their input. Its output goes
 * to standard error, so that the only line on standard output is the result.
 * @throws Error if the script could end its own text early
 */
export function prepareContent(script: string): DocumentContent {
  const lines = script.trimEnd().split('\n');
  if (script.includes('{{') || lines.includes(END)) throw new Error('the user data would end its own text early');
  return documentOf(
    'Holdfast: prepares an existing server: folders, environment, service. Stops nothing.',
    {},
    shellStep(PREPARE_STEP, TIMEOUT_SECONDS, [
      ...AFTER_OWN_USER_DATA,
      'script=$(mktemp) || exit 1',
      `trap 'rm -f "$script"' EXIT`,
      `cat >"$script" <<'${END}'`,
      ...lines,
      END,
      'bash "$script" >&2 </dev/null || exit 1',
      // Where the agent reaches AWS by a proxy, what reads the secrets does, too.
      `(umask 077; env | grep -iE '^(https?|no)_proxy=' >"\${HOLDFAST_ROOT:-/opt/holdfast}/etc/proxy.env")`,
      `echo '{"result":"prepared"}'`,
    ]),
  );
}

export type DocumentKey = keyof typeof DOCUMENTS;

const SECONDS = '^[0-9]{1,6}([.][0-9]{1,3})?$';

const fencingToken = variable('Fencing token of the deploy. The instance rejects one lower than it has seen.', NUMBER);

const oneOf = (words: readonly string[]): string => `^(${words.join('|')})$`;

const waitIdle: Record<keyof WaitIdleParameters, DocumentParameter> = {
  fencingToken,
  sliceSeconds: variable('Maximum time to watch, at most 120 s.', SECONDS),
  floorSeconds: variable('Minimum time to watch, idle or not, in seconds.', SECONDS, '0'),
  quietSeconds: variable('The server is idle with nothing in flight and no request for this long, in seconds.', SECONDS),
  previousRequests: variable('Requests counter at the end of the previous slice, or -1.', '^(-1|[0-9]{1,15})$', '-1'),
  previousQuietSeconds: variable('Quiet time at the end of the previous slice, in seconds.', SECONDS, '0'),
  drainSignal: variable('What is watched; auto: the first of the others that the server offers.', oneOf(DRAIN_SIGNALS), 'auto'),
  targetPorts: variable('The ports at which the load balancer knows the server; 0: its own.', '^[0-9]{1,5}(,[0-9]{1,5}){0,19}$', '0'),
  longLived: variable('Whether WebSockets and endless streams are waited for, or closed at the end.', oneOf(LONG_LIVED), 'close'),
  drainStartedAtMs: variable('Identifies the drain over its slices; milliseconds since the epoch.', NUMBER, '0'),
  begunSeconds: variable('Of the sessions, those that began this long ago or earlier are waited for, in seconds.', SECONDS, '0'),
  watch: variable(
    "requests: until the server is idle; sessions: until none is left in the server's memory; inFlight: once, to remember which requests run.",
    oneOf(WATCHES),
    'requests',
  ),
};

/** URLs that releaseKey, or assetsKey (naming.ts) leads to, in the installation's own bucket. */
const releaseUrl = (bucket: string, archive: 'release' | 'assets' = 'release', fleet = '[A-Za-z0-9][A-Za-z0-9_-]{0,63}'): string =>
  `^https://${bucket}[.]s3[.][a-z0-9-]{1,32}[.](${DOMAINS.join('|').replaceAll('.', '[.]')})/${fleet}/[A-Za-z0-9][A-Za-z0-9._@-]{0,63}/${archive}[.]tar[.]gz$`;

/** aws:downloadContent reads its input as text, so this one is substituted. The pattern allows nothing that could end a JSON string. */
const archiveUrl = (allowedPattern: string): DocumentParameter => ({
  type: 'String',
  description: 'URL of the archive: https://BUCKET.s3.REGION.DOMAIN/KEY.',
  allowedPattern,
});
const sha256 = variable("The archive's SHA-256, lower-case hex.", '^[0-9a-f]{64}$');

const stageAssets = (releasesBucket: string): Record<keyof StageAssetsParameters, DocumentParameter> => ({
  fencingToken,
  version: variable('Release whose assets are staged; none: without a download.', INSTALLED_VERSION_PATTERN),
  releaseUrl: archiveUrl(releaseUrl(releasesBucket, 'assets')),
  sha256,
  wanted: variable('Versions whose assets stay on the server, with commas.', '^[0-9A-Za-z._+,-]{0,649}$'),
});

const ordered = (url: string): Record<'fencingToken' | 'version' | 'releaseUrl' | 'sha256', DocumentParameter> => ({
  fencingToken,
  version: variable('Release to install; none for the placeholder, without a download.', INSTALLED_VERSION_PATTERN),
  releaseUrl: archiveUrl(url),
  sha256,
});

const install = (
  releasesBucket: string,
): Record<Exclude<keyof InstallParameters, 'environment' | 'stopFailure' | 'executionTimeout'>, DocumentParameter> => ({
  ...ordered(releaseUrl(releasesBucket)),
  mode: variable('restart: also when this release runs already, which it has to.', oneOf(INSTALL_MODES), 'install'),
});

// The script limits the lengths: the agent's regular expressions count to 1,000 at most.
const observe: Record<Exclude<keyof Required<ObserveParameters>, 'environmentParameter'>, DocumentParameter> = {
  attempts: variable(
    'Maximum number of requests to the readiness path. With 0 the document waits up to intervalSeconds until user data has ended.',
    '^[0-9]{1,2}$',
  ),
  intervalSeconds: variable('Time to the next request after a response that is not UP, in seconds.', SECONDS),
  confirmSeconds: variable('Time to the next request after an UP, in seconds.', SECONDS),
  cookie: variable('read: begin a session of nobody by session.page, and read its cookie.', '^(read)?$', ''),
  sessions: variable("known: read by which cookie and route the server's sessions are known.", '^(known)?$', ''),
};

/** Of an installation with a fleet that has variables. */
const OF_VARIABLES = {
  observe: {
    environmentParameter: variable(
      "Parameter with the list of the fleet's variables: reads which of them this server can read.",
      '^[A-Za-z0-9/_.-]*$',
      '',
    ),
  },
  install: {
    environment: variable(
      "A rollback's versions of secrets and parameters, NAME:VERSION with commas, as they were recorded; the current ones without.",
      '^([A-Za-z0-9_]+:[A-Za-z0-9-]+(,[A-Za-z0-9_]+:[A-Za-z0-9-]+)*)?$',
      '',
    ),
  },
} satisfies Record<string, Record<string, DocumentParameter>>;

/** The scripts' ARCHIVE: a URL does not choose the file's name. */
const ARCHIVE_NAME = 'release.tar.gz';

const DOWNLOAD: DocumentContent['mainSteps'][number] = {
  action: 'aws:downloadContent',
  name: 'download',
  precondition: LINUX,
  // The path is relative to the agent's download folder of this command, in which the next step runs. Usually it names the file.
  // If someone has stored objects below the key, the agent takes the key for a folder, and this names a folder. A failed download
  // does not end the document: the next step reports the missing archive in its line of output.
  inputs: { sourceType: 'S3', sourceInfo: '{"path":"{{ releaseUrl }}"}', destinationPath: ARCHIVE_NAME },
};

/**
 * One document's content.
 *
 * Step time-outs are above the script's own limits: a slice of 120 s, 200 s of observing, and for an install 60 s of
 * waiting for user data, 2 × 120 s of starting, 2 × 30 s of stopping, 120 s of stopping the existing service, 120 s until recorded versions
 * are UP (not with both starts at their limit), and the copying.
 * @param releasesBucket the only one that install-release downloads from @param hasVariables whether a fleet of the installation has variables
 */
export function documentContent(document: DocumentKey, releasesBucket: string, hasVariables = false): DocumentContent {
  switch (document) {
    case 'accessLog':
      return readAccessLogContent();
    case 'waitIdle':
      return documentOf(
        "Holdfast: watches the server's requests, by its own counts or its connections, until it is idle.",
        waitIdle,
        pythonStep(DOCUMENT_STEPS.waitIdle, 180, 'wait_idle'),
      );
    case 'observe':
      return documentOf(
        "Holdfast: checks the release's readiness path and reads the server's counters.",
        { ...observe, ...(hasVariables && OF_VARIABLES.observe) },
        pythonStep(DOCUMENT_STEPS.observe, 240, 'observe'),
      );
    case 'install':
      return documentOf(
        'Holdfast: downloads a release, verifies it, installs it and starts it.',
        { ...install(releasesBucket), ...(hasVariables && OF_VARIABLES.install) },
        DOWNLOAD,
        pythonStep(DOCUMENT_STEPS.install, 660, 'install_release'),
      );
    case 'stageAssets':
      return documentOf(
        "Holdfast: keeps a release's assets on the server next to those of the release that runs.",
        stageAssets(releasesBucket),
        DOWNLOAD,
        pythonStep(DOCUMENT_STEPS.stageAssets, 240, 'stage_assets'),
      );
  }
}

/**
 * The install document of a fleet of CodeDeploy bundles. It is the permission to run their scripts, and so takes this fleet's releases alone.
 * Run Command allows a step 172,800 s.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html#aws-runShellScript
 */
export function bundleContent(releasesBucket: string, fleet: string): DocumentContent {
  const parameters: Record<Exclude<keyof InstallParameters, 'environment'>, DocumentParameter> = {
    ...ordered(releaseUrl(releasesBucket, 'release', fleet)),
    mode: variable('install, or another part of what a bundle does; an event: its scripts alone.', oneOf(BUNDLE_MODES), 'install'),
    stopFailure: variable("Whether a failure of the previous bundle's scripts fails the order.", oneOf(STOP_FAILURES), 'fail'),
    executionTimeout: {
      type: 'String',
      description: "Longest time of the bundle's scripts together, in seconds.",
      allowedPattern: '^([1-9][0-9]{0,4}|1[0-6][0-9]{4}|17[01][0-9]{3}|172[0-7][0-9]{2}|172800)$',
      default: '3600',
    },
  };
  return documentOf(
    "Holdfast: downloads a CodeDeploy bundle of this fleet, verifies it, installs it and runs the bundle's own scripts as root.",
    parameters,
    DOWNLOAD,
    pythonStep(DOCUMENT_STEPS.install, '{{ executionTimeout }}', 'install_bundle'),
  );
}
