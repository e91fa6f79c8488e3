/** The examples with a readiness check that needs the database's password, and what their servers show of their variables. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ResumeProcessesCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { readCalls } from '#local-aws/iam/calls.ts';
import { type DeployOutcome, followDeploy } from '../../../cli/deploy/follow-deploy.ts';
import type { DeployRecord } from '../../../functions/records/types.ts';
import { autoScalingGroupName } from '../../../functions/shared/naming.ts';
import { EXAMPLES, NODE_EXAMPLE } from '../../../lab/demo/app/examples.ts';
import type { Build, LocalApp, PrepareExample } from '../../../lab/demo/app/local-app.ts';
import type { TrafficReport } from '../../../lab/demo/traffic/contract.ts';
import { untilHealthy } from '../../../lab/demo/wait-until-serving.ts';
import { commandsOf } from '../../../lab/rehearse/read-steps.ts';
import { ensureAwsClients } from '../../../setup/set-up.mjs';
import { until } from '../../until.ts';
import { around } from '../bad-releases.ts';
import { autoScaling, kept, runOn } from '../fleet.ts';
import { INSTALLATION, type JavaFleet, SERVERS } from '../java-fleets.ts';
import { underTraffic } from '../under-traffic.ts';
import { hashesOf, type Variables } from './sources.ts';

/** A path of the Tomcat example that shows the hash of a parameter of context.xml. */
export const TOMCAT_PAGE = '/parameter.jsp';

/** @param isUp JavaScript: whether the readiness check passes where the database takes the password */
async function nodeRelease({ folder, version }: Build, isUp: string): Promise<string> {
  await around(
    folder,
    version,
    `onRequest((request, response, next) => {
      if (request.url !== '/health') return next();
      const down = () => response.writeHead(503, { 'content-type': 'application/json' }).end('{"status":"DOWN"}');
      fetch(process.env.DATABASE_URL, { headers: { authorization: process.env.DB_PASSWORD } })
        .then(({ ok }) => (ok && ${isUp} ? next() : down()), down);
    });`,
  );
  return folder;
}
const nodeProbe: PrepareExample = async () => ({ ...(await NODE_EXAMPLE()), build: (build) => nodeRelease(build, 'true') });
export const NEVER_UP: Pick<LocalApp, 'build'> = { build: (build) => nodeRelease(build, 'false') };

/** context.xml reads a variable, as docs/app-environment.md says, since options are read by everyone on the server. */
const tomcatProbe: PrepareExample = async () => {
  const app = (await EXAMPLES['tomcat']?.()) as LocalApp;
  return {
    ...app,
    async build(build) {
      const folder = await app.build(build);
      const edit = async (name: string, change: (text: string) => string) =>
        writeFile(path.join(folder, name), change(await readFile(path.join(folder, name), 'utf8')));
      await edit('bin/tomcat.json', (text) => {
        const settings = JSON.parse(text) as { javaOptions: string[] };
        settings.javaOptions.push(
          '-Dorg.apache.tomcat.util.digester.PROPERTY_SOURCE=org.apache.tomcat.util.digester.EnvironmentPropertySource',
        );
        return JSON.stringify(settings);
      });
      await edit('conf/context.xml', (text) =>
        text.replace('<Context>', `<Context><Parameter name="apiKey" value="\${API_KEY}" override="false"/>`),
      );
      await writeFile(
        path.join(folder, 'webapps/ROOT', TOMCAT_PAGE),
        `<%@ page session="false" contentType="text/plain" %><%
          byte[] value = application.getInitParameter("apiKey").getBytes("UTF-8");
          out.print(java.util.HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(value)));
        %>`,
      );
      return folder;
    },
  };
};

export const PROBES: Readonly<Record<string, PrepareExample>> = {
  node: nodeProbe,
  tomcat: tomcatProbe,
  spring: EXAMPLES['spring'] as PrepareExample,
};

export interface Ended {
  readonly ended: DeployOutcome;
  readonly record: DeployRecord;
}

/** Starts a deploy as the CLI does, and follows it to its end. */
async function start({ cloud, recordOf }: JavaFleet, input: object): Promise<Ended> {
  const { executionArn = '' } = await cloud.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: cloud.deployStateMachineArn, input: JSON.stringify({ ...input, requestedBy: 'test' }) }),
  );
  const ended = (await followDeploy(cloud, executionArn, () => {})) as DeployOutcome;
  return { ended, record: (await recordOf(executionArn)) as DeployRecord };
}

export const deploy = (fleet: JavaFleet, version: string): Promise<Ended> => start(fleet, { version });

/** `holdfast restart --all` */
export async function restartAll(fleet: JavaFleet): Promise<Ended> {
  const { records, fleet: name } = fleet.cloud;
  return start(fleet, { version: (await records.getFleet(name))?.currentVersion, restartAll: true });
}

/** The numbered sections of the page on rotation as a person types them: a shell writes both keys into files, the real AWS CLI reads these. */
export async function walkRotation(fleet: JavaFleet, keys: readonly [old: string, fresh: string]): Promise<Ended[]> {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/rotate-secrets.md'), 'utf8');
  const sections = page.split(/^(?=## )/m).filter((section) => /^## [0-9]/.test(section));
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-rotation-'));
  const typed = page.split('\n').filter((line) => /^(umask|printf) /.test(line));
  execFileSync('bash', ['-c', typed.join('\n')], { cwd: folder, input: `${keys.join('\n')}\n`, timeout: 10_000 });
  const python = await ensureAwsClients();
  const env = { ...process.env, AWS_DEFAULT_REGION: kept.region, AWS_SHARED_CREDENTIALS_FILE: kept.credentialsFile, AWS_PAGER: '' };
  const ended: Ended[] = [];
  try {
    for (const [program = '', ...args] of sections.flatMap((section) => commandsOf(section.replace(/^(umask|printf) .*\n/gm, '')))) {
      const line = [program, ...args].join(' ');
      if (line === './holdfast restart --all') ended.push(await restartAll(fleet));
      else if (program === 'aws')
        await promisify(execFile)(python, ['-m', 'awscli', '--endpoint-url', kept.gatewayUrl, ...args], {
          cwd: folder,
          env,
          timeout: 60_000,
        });
      else throw new Error(`docs/rotate-secrets.md has a command that is not known: ${line}`);
    }
    return ended;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const underUsers = <T>(fleet: JavaFleet, users: number, work: () => Promise<T>): Promise<{ result: T; report: TrafficReport }> =>
  underTraffic({ url: fleet.loadBalancerUrl, users }, work);

export const serversOf = async ({ cloud }: JavaFleet): Promise<readonly string[]> =>
  (await cloud.records.getInstances(cloud.fleet)).map(({ instanceId }) => instanceId).toSorted();

const NAMES: readonly (keyof Variables)[] = [
  ...(['LOG_LEVEL', 'DATABASE_URL', 'DB_PASSWORD', 'SIGNING_KEY', 'SESSION_SECRET', 'FLAGS', 'API_KEY'] as const),
];
const SHOW_HASHES = `python3 - "$(systemctl status holdfast-app | sed -n 's/^ Main PID: //p')" <<'END'
import hashlib, json, sys
words = open("/proc/%s/environ" % sys.argv[1], "rb").read().split(b"\\0")
found = dict(word.split(b"=", 1) for word in words if b"=" in word)
names = ${JSON.stringify(NAMES)}
print(json.dumps(dict((name, hashlib.sha256(found[name.encode()]).hexdigest()) for name in names if name.encode() in found)))
END`;

/** Hashes of the variables that the application's process was started with, by server. */
export async function variablesOn(servers: readonly string[]): Promise<Record<string, Record<string, string>>> {
  const printed = await runOn(servers, SHOW_HASHES);
  return Object.fromEntries(servers.map((server, at) => [server, JSON.parse(printed[at] || '{}')]));
}

/** The same on each server. */
export const onEach = (servers: readonly string[], values: Variables): Record<string, Record<string, string>> =>
  Object.fromEntries(servers.map((server) => [server, hashesOf(values)]));

/** Every server of the fleet has these values. */
export async function seen(fleet: JavaFleet, values: Variables) {
  const servers = await serversOf(fleet);
  return { found: await variablesOn(servers), wanted: onEach(servers, values) };
}

/** Reboots a server as an operator does, and waits until its agent answers again. */
export async function reboot(server: string): Promise<void> {
  const mark = `"$(readlink -f "$HOLDFAST_ROOT/run")/before-reboot"`;
  await runOn([server], `touch ${mark}; systemctl reboot`);
  await until(async () => {
    const [printed = ''] = await runOn([server], `[ -e ${mark} ] || echo rebooted`).catch(() => []);
    return printed.includes('rebooted') ? true : undefined;
  }, `${server} has rebooted`);
}

/** Auto Scaling would replace a server that is out of service for a while. All serve again at the end. */
export async function withoutReplacing<T>({ cloud }: JavaFleet, work: () => Promise<T>): Promise<T> {
  const processes = {
    AutoScalingGroupName: autoScalingGroupName(INSTALLATION, cloud.fleet),
    ScalingProcesses: ['HealthCheck', 'ReplaceUnhealthy'],
  };
  await autoScaling.send(new SuspendProcessesCommand(processes));
  try {
    const done = await work();
    await untilHealthy(cloud, SERVERS, new AbortController().signal);
    return done;
  } finally {
    await autoScaling.send(new ResumeProcessesCommand(processes));
  }
}

/** ARN of the role with which a fleet's servers have read a secret. */
export const roleOf = (fleet: string, secret: string): string =>
  readCalls(kept.runFolder).find(
    ({ principal, action, resource }) =>
      action === 'secretsmanager:GetSecretValue' && resource.includes(`:secret:${secret}-`) && principal.includes(`-${fleet}-`),
  )?.principal as string;
