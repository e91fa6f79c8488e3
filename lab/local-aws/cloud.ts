/** Assembles the local cloud: the emulator, our own services with their data planes, and the gateway in front. */
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../processes/free-port.ts';
import { createAcmService } from './acm/service.ts';
import { createAutoScalingService } from './auto-scaling/service.ts';
import { autoScalingMachines } from './auto-scaling-machines.ts';
import type { CloudOptions } from './cloud-options.ts';
import { createCallHistory } from './cloudtrail/call-history.ts';
import { createCloudTrailService } from './cloudtrail/service.ts';
import { createCloudWatchService } from './cloudwatch/service.ts';
import { describeMachines } from './ec2/describe-machines.ts';
import { launchWithRole } from './ec2/launch-with-role.ts';
import { createEc2Types } from './ec2/service.ts';
import { createElastiCacheService, type ElastiCacheService } from './elasticache/service.ts';
import { FAILED_REQUESTS_FILE, failedRequestLog } from './elbv2/data-plane/failed-requests.ts';
import { createElbv2Service, type Elbv2Service } from './elbv2/service.ts';
import { chooseEmulator } from './emulator/choose-emulator.ts';
import type { Emulator, EmulatorOptions } from './emulator/emulator.ts';
import { executionMetrics } from './emulator/execution-metrics.ts';
import { createEmulatorServices } from './emulator-services.ts';
import { createFaultRegistry } from './faults/fault-registry.ts';
import { faultyEvents } from './faults/faulty-events.ts';
import { createFetchObject } from './fetch-object.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import { createAccessControl } from './iam/access-control.ts';
import { CALLS_FILE, createCalls } from './iam/calls.ts';
import { createPolicyEvaluator } from './iam/policy-evaluator.ts';
import { createSessions } from './iam/sessions.ts';
import { createInstanceRoles } from './instances/instance-role.ts';
import { createInstances, type Instances } from './instances/instances.ts';
import { programsPath } from './instances/programs-path.ts';
import type { Log } from './interfaces.ts';
import { createRootCredentials, LOCAL_ACCOUNT_ID, type LocalCredentials } from './local-account.ts';
import { createOnPremises } from './on-premises/service.ts';
import type { LocalService } from './service/service.ts';
import { createActivations } from './ssm/activations.ts';
import { agentReports } from './ssm/may-report.ts';
import { registerNode } from './ssm/register-node.ts';
import { createSsmService } from './ssm/service.ts';
import { createCertificateAuthority } from './tls/authority.ts';

export interface LocalCloud {
  readonly gateway: Gateway;
  readonly emulator: Emulator;
  readonly elbv2: Elbv2Service;
  readonly elastiCache: ElastiCacheService;
  readonly instances: Instances;
  readonly services: readonly LocalService[];
  readonly caFile: string;
  /** Root's. */
  readonly credentials: LocalCredentials;
  readonly log: Log;
  /** Ends everything in the order of dependence. Idempotent. */
  stop(): Promise<void>;
}

export async function startCloud(options: CloudOptions): Promise<LocalCloud> {
  const { setup, region, times, ledger, folder } = options;
  const temporary = path.join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const log: Log = (line) => appendFileSync(path.join(folder, 'cloud.log'), `${new Date().toISOString()} ${line}\n`);
  const chosen = await chooseEmulator(options);
  const { eventToken } = chosen;
  const gatewayPort = options.gatewayPort || (await freePort());
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const credentials = createRootCredentials();
  const emulatorAccess = { url: chosen.url, token: chosen.runToken, region, credentials };
  const faults = createFaultRegistry(Date.now, log);
  const emulated = createEmulatorServices(emulatorAccess, eventToken);
  const events = faultyEvents(emulated.events, faults, log);
  const certificates = await createCertificateAuthority(options.tlsFolder);
  const common = { now: Date.now, region, accountId: LOCAL_ACCOUNT_ID, log };

  const history = createCallHistory({ now: Date.now, delayMs: times.trailDelayMs });
  const evaluator = createPolicyEvaluator(emulatorAccess, Date.now);
  const access = createAccessControl({
    token: eventToken,
    sessions: createSessions(credentials, Date.now),
    evaluator,
    calls: history.recording(createCalls(path.join(folder, CALLS_FILE))),
    now: Date.now,
    emulatorVerifies: chosen.name === 'ministack',
  });

  const cloudWatch = createCloudWatchService({
    ...common,
    topics: emulated.topics,
    functions: emulated.functions,
    events,
    settings: { visibilityDelayMs: times.metricDelayMs, ...(times.alarmMinuteMs !== undefined && { alarmMinuteMs: times.alarmMinuteMs }) },
  });
  const activations = createActivations(Date.now);
  const roles = createInstanceRoles(emulatorAccess);
  const mayReport = agentReports({ access, log });
  const { javaHome } = options;
  const instances = await createInstances({
    root: path.join(folder, 'instances'),
    nodeBinary: setup.node,
    region,
    agentEnvironment: {
      AWS_ENDPOINT_URL: gatewayUrl,
      HOLDFAST_RUN_ID: ledger.runId,
      ...(javaHome !== undefined && { JAVA_HOME: javaHome }),
    },
    hostPath: [...(javaHome === undefined ? [] : [path.join(javaHome, 'bin')]), programsPath(process.env['PATH'])].join(':'),
    caFile: certificates.caFile,
    register: registerNode({ activations, roles, mayReport }),
    packages: { trouble: (instanceId, name) => faults.ofPackage(instanceId, name) },
    ledger,
    now: Date.now,
    log,
  });
  const elbv2 = createElbv2Service({
    ...common,
    resolver: instances,
    metrics: cloudWatch.sink,
    certificates,
    onFailure: failedRequestLog(path.join(folder, FAILED_REQUESTS_FILE)),
    settings: {
      propagationLagMs: () => faults.propagationLagMs() ?? times.propagationLagMs,
      healthCheckSecondMs: times.healthCheckSecondMs,
      listenerPort: (port) => (port === 443 && options.loadBalancerPort ? options.loadBalancerPort : undefined),
    },
  });
  const elastiCache = createElastiCacheService({
    ...common,
    proxy: faults.ofStore,
    folder: path.join(folder, 'elasticache'),
    servers: setup.stores,
    ledger,
    certificates,
    access,
    topics: emulated.topics,
    metrics: cloudWatch.sink,
    subnet: emulated.subnet,
    failoverSettings: { downAfterMs: 2_000, failoverTimeoutMs: 10_000 },
  });
  const fetchObject = createFetchObject(gatewayUrl, region);
  const ssm = createSsmService({ ...common, instances, ledger, activations, fetchObject, events, agentIsSilent: faults.agentIsSilent });
  const launch = launchWithRole({ instances, roles, mayReport });
  const autoScaling = createAutoScalingService({
    ...common,
    machines: autoScalingMachines(instances, launch),
    targetGroups: elbv2.targetGroups,
    events,
    launchTemplate: emulated.launchTemplate,
    metrics: cloudWatch.sink,
    settings: { stabilizeTimeoutMs: times.stabilizeTimeoutMs },
  });
  const acm = createAcmService(elbv2.presentedCertificate);
  const { launchTemplate, subnet, securityGroups, vpcEndpoints } = emulated;
  const ec2 = createEc2Types({ region, machines: { ...instances, launch }, launchTemplate, subnet, securityGroups, vpcEndpoints });
  const services: LocalService[] = [
    elbv2,
    elastiCache,
    ssm,
    autoScaling,
    cloudWatch,
    ec2,
    acm,
    createCloudTrailService({ history, region, now: Date.now }),
    createOnPremises(instances),
  ];

  const gateway = await startGateway({
    services,
    access,
    faults: {
      registry: faults,
      token: options.token,
      newRuleLagMs: times.newRuleLagMs,
      plantMetrics: cloudWatch.plant,
      dateEventsBack: elastiCache.dateEventsBack,
      forgetRequests: elbv2.forgetRequests,
    },
    emulator: emulatorAccess,
    port: gatewayPort,
    region,
    log,
    machines: () => describeMachines(instances.describe()),
    onLogLine: (line) => cloudWatch.ingestLogLine({ ...line, timestampMs: Date.now() }),
    onExecution: (execution) => cloudWatch.sink.record(executionMetrics(execution)),
  });
  const emulatorOptions: EmulatorOptions = {
    gatewayUrl,
    access: emulatorAccess,
    folder: path.join(folder, 'emulator'),
    node: setup.node,
    ledger,
    eventToken,
    idleEnvironmentMs: times.idleEnvironmentMs,
    ...(times.mostIdleEnvironments !== undefined && { mostIdleEnvironments: times.mostIdleEnvironments }),
    functionEnvironment: {
      AWS_ENDPOINT_URL: gatewayUrl,
      NODE_EXTRA_CA_CERTS: certificates.caFile,
      TMPDIR: temporary,
      HOLDFAST_RUN_ID: ledger.runId,
    },
  };
  const emulator = await chosen.start(emulatorOptions);

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    // First what starts other processes: a group replaces instances, a fleet keeps connections to the store.
    await autoScaling.stop();
    await Promise.allSettled([emulator.stop(), instances.stopAll()]);
    await Promise.allSettled([elbv2.stop(), elastiCache.stop(), ssm.stop(), cloudWatch.stop()]);
    emulated.close();
    evaluator.close();
    roles.close();
    await gateway.close();
  };
  const cloud: LocalCloud = {
    gateway,
    emulator,
    elbv2,
    elastiCache,
    instances,
    services,
    caFile: certificates.caFile,
    credentials,
    log,
    stop: () => (stopping ??= stop()),
  };
  try {
    await emulator.ready();
  } catch (error) {
    await cloud.stop();
    throw error;
  }
  return cloud;
}
