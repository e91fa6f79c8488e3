import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { INCIDENTS_ENV, incidentsFunctionName } from '../../../functions/incidents/contract/environment.ts';
import { DO_ROLE } from '../../../functions/incidents/do/contract.ts';
import { LINES_ENV, LINES_ROLE, SHOW_LINES } from '../../../functions/incidents/lines/contract.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { documentName, functionName } from '../../../functions/shared/naming.ts';
import { pascalCase } from '../../../functions/shared/texts.ts';
import { SWEEP_ENV } from '../../../functions/sweep/contract/environment.ts';
import { HoldfastFunction, type HoldfastFunctionProps } from '../holdfast-function.ts';
import { sweepSettingsOf } from '../store/store-sweeper.ts';
import { allowCollecting, allowCollectingStore, storeCollector } from './collect-permissions.ts';
import { type IncidentParts, witnessedFleets } from './incident-fleets.ts';
import { allowAlarm, allowControl, allowDo, allowLines, allowTend, runbookArn, topicArn } from './incident-permissions.ts';
import { allowMitigating } from './mitigate-permissions.ts';

/** The functions that work on incidents, by what they may touch. */
export interface IncidentFunctions {
  readonly alarm: HoldfastFunction;
  readonly control: HoldfastFunction;
  readonly collect: HoldfastFunction;
  /** Reads the store; the only one inside the VPC. */
  readonly collectStore: HoldfastFunction;
  readonly mitigate: HoldfastFunction;
  readonly do: HoldfastFunction;
  readonly tend: HoldfastFunction;
}

export function incidentFunctions(scope: Construct, parts: IncidentParts): IncidentFunctions {
  const { config, releases } = parts;
  const { installation, fleets } = config;
  const stack = Stack.of(scope);
  const { enabled: _, ...settings } = config.incidents;
  const common = {
    [INCIDENTS_ENV.installation]: installation,
    [INCIDENTS_ENV.fleetNames]: JSON.stringify(Object.keys(fleets)),
    [INCIDENTS_ENV.bucket]: releases.bucket.bucketName,
    [INCIDENTS_ENV.settings]: JSON.stringify(settings),
    [INCIDENTS_ENV.stateMachineArn]: runbookArn(stack, installation),
    [INCIDENTS_ENV.topicArn]: topicArn(stack, installation),
    [RECORDS_ENV.recordsTable]: releases.records.tableName,
    ...(config.watch.documentation !== undefined && { [INCIDENTS_ENV.documentation]: config.watch.documentation }),
  };
  const make = (role: string, does: string, entry: string, more: Partial<HoldfastFunctionProps> = {}) =>
    new HoldfastFunction(scope, pascalCase(role), {
      functionName: incidentsFunctionName(installation, role),
      description: `Incidents of ${installation}: ${does}`,
      entry: `functions/incidents/${entry}/handler.ts`,
      timeout: Duration.seconds(60),
      ...more,
      environment: { ...common, ...more.environment },
    });
  const { environment, ...reader } = storeCollector(scope, parts);
  const functions = {
    alarm: make('alarm', 'opens an incident when an alarm fires, and starts its runbook', 'alarm'),
    control: make('control', 'opens, classifies, decides and reports', 'run'),
    collect: make('collect', "reads what AWS's APIs and the records know", 'collect', { environment: parts.collectEnvironment }),
    collectStore: make('collect-store', 'reads the session store', 'collect/store', {
      environment: { ...environment, [SWEEP_ENV.settings]: JSON.stringify(sweepSettingsOf(config)) },
      vpc: reader.vpc,
    }),
    mitigate: make('mitigate', 'carries mitigations out', 'mitigate', { environment: parts.collectEnvironment }),
    // Above what it waits for the mitigating function.
    do: make(DO_ROLE, 'carries a mitigation out, or ends it, for a person who asks', 'do', { timeout: Duration.seconds(75) }),
    // Its log line says what a trace of every five minutes would.
    tend: make('tend', 'closes incidents, and ends what a runbook left', 'tend', {
      timeout: Duration.minutes(5),
      traced: false,
      environment: { [INCIDENTS_ENV.witnessedFleets]: JSON.stringify(witnessedFleets(parts)) },
    }),
  };
  for (const fleet of Object.keys(fleets)) {
    const lines = make(`lines-of-${fleet}`, `shows lines of the logs of fleet ${fleet} to a person who asks`, 'lines', {
      functionName: functionName(installation, fleet, LINES_ROLE),
      // Above what it waits for servers.
      timeout: Duration.seconds(75),
      environment: {
        [INCIDENTS_ENV.fleetNames]: JSON.stringify([fleet]),
        [LINES_ENV.fleet]: fleet,
        [LINES_ENV.document]: documentName(installation, SHOW_LINES.document),
      },
    });
    allowLines(lines, parts, fleet);
  }
  allowAlarm(functions.alarm, parts);
  allowControl(functions.control, parts);
  allowCollecting(functions.collect, parts);
  allowCollectingStore(functions.collectStore, parts);
  reader.allow(functions.collectStore);
  allowMitigating(functions.mitigate, parts);
  allowDo(functions.do, functions.mitigate, parts);
  allowTend(functions.tend, functions.mitigate, parts);
  return functions;
}
