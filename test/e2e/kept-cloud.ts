/** One local cloud for all scenarios: starting it takes longer than most of them. */
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import type { CloudState } from '../../cli/cloud-state.ts';
import type { FirstDay } from './first-day.ts';

export interface KeptCloud {
  readonly loadBalancerUrl: string;
  readonly caFile: string;
  readonly gatewayUrl: string;
  readonly pageUrl: string;
  readonly runFolder: string;
  readonly region: string;
  readonly credentials: CloudState['credentials'];
  readonly credentialsFile: string;
  /** Lets faults be set. */
  readonly token: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    cloud: KeptCloud;
    /** Undefined when first-deploy.test.ts is not among the files. */
    firstDay: FirstDay | undefined;
    /** A name pattern leaves tests out. */
    onlySomeTests: boolean;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Its own state, so that a cloud that somebody has up in this checkout, or another chain of scenarios, is neither used nor ended.
  process.env['HOLDFAST_STATE_FOLDER'] = path.resolve(import.meta.dirname, '../../.holdfast', process.env['HOLDFAST_TEST_CLOUD'] ?? 'e2e');
  mkdirSync(process.env['HOLDFAST_STATE_FOLDER'], { recursive: true });
  const { bringUp } = await import('../../lab/demo/bring-up.ts');
  const { runsFolder } = await import('../../lab/demo/runs-folder.ts');
  const { stopStale } = await import('./stop-stale.ts');
  const { beginNotedSecrets, forgetNotedSecrets } = await import('./leaks/noted-secrets.ts');
  const { commandLinesFile, watchProcesses } = await import('./leaks/watch-processes.ts');
  const { endFirstDay, playFirstDay } = await import('./first-day.ts');
  const { keepEvents } = await import('./leaks/published-events.ts');
  await stopStale();
  beginNotedSecrets();
  const lines = commandLinesFile(process.env['HOLDFAST_STATE_FOLDER']);
  rmSync(lines, { force: true });
  const watch = watchProcesses(runsFolder(), (runId, line) =>
    appendFileSync(lines, `${runId} ${line.replaceAll('\n', ' ')}\n`, { mode: 0o600 }),
  );
  let firstDay: FirstDay | undefined;
  const installation = await bringUp({
    fleet: 'web',
    realTime: false,
    // What scenarios have functions change, their roles may change; whatever runs by itself asks first.
    // What one scenario has changed would be for the next one a change on purpose, after which no cause is certain.
    trailDelayMs: 4 * 3_600_000,
    gatewayPort: 0,
    pagePort: 0,
    loadBalancerPort: 0,
    emulator: process.env['HOLDFAST_TEST_EMULATOR'] === 'localstack' ? 'localstack' : 'ministack',
    log: (line) => process.stdout.write(`local cloud: ${line}\n`),
    beforeFirstDeploy: async (empty) => {
      if (isNamed('test/e2e/first-deploy.test.ts')) firstDay = await playFirstDay(empty);
    },
  });
  if (firstDay) await endFirstDay(installation.cloud, firstDay);
  project.provide('firstDay', firstDay);
  const { state } = installation.daemon;
  await keepEvents(state);
  project.provide('cloud', {
    loadBalancerUrl: installation.loadBalancerUrl,
    caFile: state.caFile,
    gatewayUrl: state.gatewayUrl,
    pageUrl: state.pageUrl,
    runFolder: state.runFolder,
    region: state.region,
    credentials: state.credentials,
    credentialsFile: state.credentialsFile,
    token: state.token,
  });
  project.provide('onlySomeTests', project.config.testNamePattern !== undefined);
  return async () => {
    watch.stop();
    forgetNotedSecrets();
    await installation.daemon.stop();
  };
}

/** Whether a file is among those that the command line names; without a pattern all are. */
function isNamed(file: string): boolean {
  const patterns = process.argv.slice(3).filter((arg) => !arg.startsWith('-') && arg !== 'e2e');
  return patterns.length === 0 || patterns.some((pattern) => file.includes(pattern));
}
