/** The part of server/documents/install_release.py that stops and starts services. A kill between two steps leaves what the steps before did. */
import type { Evidence, InstallOutput } from '../../../../../functions/instance/document-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import type { ServiceName } from '../../servers/machine.ts';
import { describeService, httpGet, type ScriptContext } from './script.ts';

const ANSWER_MS = 15_000;
const POLL_MS = 200;
/** Time that `systemctl` takes to stop a service: it waits for the process's end. */
const STOP_MS = [100, 1_500] as const;
const START_MS = [50, 400] as const;

/** Undefined when it succeeded. */
type Failed = Extract<InstallOutput, { result: 'failed' }> | undefined;

/** Stops, swaps, starts; restores everything if the new release does not run. */
export async function replaceRelease(context: ScriptContext, version: string, before: string): Promise<Failed> {
  const { disk } = context.machine;
  const { previous } = disk;
  await stopServices(context);
  if (before !== version) disk.previous = before;
  disk.current = version;
  const reason = await startAndWatch(context, 'holdfast-app');
  if (reason === undefined) return undefined;
  await stop(context, 'holdfast-app');
  disk.current = before;
  disk.previous = previous;
  const { text, ...evidence } = reason;
  if (before === NO_RELEASE && !disk.hasPlaceholder) return didNotStart(`${version}: ${text}`, evidence);
  const again = await startAndWatch(context, before === NO_RELEASE ? 'holdfast-placeholder' : 'holdfast-app');
  const name = before === NO_RELEASE ? 'the placeholder' : before;
  return again === undefined
    ? didNotStart(`${version}: ${text}; ${name} runs again`, evidence, before)
    : didNotStart(`${version}: ${text}; ${name} does not start either: ${again.text}`, evidence);
}

/** Puts the placeholder in the place of the release; starts the release again if the placeholder does not run. */
export async function removeRelease(context: ScriptContext, before: string): Promise<Failed> {
  const { disk } = context.machine;
  await stop(context, 'holdfast-app');
  const { previous } = disk;
  disk.current = NO_RELEASE;
  disk.previous = NO_RELEASE;
  const reason = await startAndWatch(context, 'holdfast-placeholder');
  if (reason === undefined) return undefined;
  await stop(context, 'holdfast-placeholder');
  disk.current = before;
  disk.previous = previous;
  const { text, ...evidence } = reason;
  const again = before === NO_RELEASE ? { text: 'there was no release' } : await startAndWatch(context, 'holdfast-app');
  return again === undefined
    ? didNotStart(`the placeholder: ${text}; ${before} runs again`, evidence, before)
    : didNotStart(`the placeholder: ${text}; nothing serves: ${again.text}`, evidence);
}

export async function stopServices(context: ScriptContext): Promise<void> {
  for (const service of services(context)) await stop(context, service);
}

const services = ({ machine: { disk } }: ScriptContext): ServiceName[] =>
  disk.hasPlaceholder ? ['holdfast-app', 'holdfast-placeholder'] : ['holdfast-app'];

async function stop({ machine, process }: ScriptContext, service: ServiceName): Promise<void> {
  const isActive = machine.stateOf(service) === 'active';
  machine.stopService(service);
  await process.sleep(isActive ? machine.random.whole(...STOP_MS) : 10);
}

interface Reason extends Evidence {
  readonly text: string;
}

/** Why the service does not run; undefined once it responds, or has been active long enough. */
async function startAndWatch(context: ScriptContext, service: ServiceName): Promise<Reason | undefined> {
  const { machine, process } = context;
  machine.startService(service);
  await process.sleep(machine.random.whole(...START_MS));
  const deadlineMs = process.now() + ANSWER_MS;
  while (process.now() < deadlineMs) {
    const state = machine.stateOf(service);
    if (state !== 'active') return { text: `the service is ${state} after its start`, ...describeService(machine, service) };
    const answer = await httpGet(context);
    if ('application' in answer && answer.application.behaviour.healthStatus === 200) {
      if (machine.stateOf(service) === 'active') return undefined;
      return { text: 'the service ended during its health check', ...describeService(machine, service) };
    }
    await process.sleep(POLL_MS);
  }
  return undefined;
}

const didNotStart = (message: string, evidence: Evidence, serving?: string): Failed => ({
  result: 'failed',
  error: 'ServiceDidNotStart',
  message,
  ...evidence,
  ...(serving !== undefined && { serving }),
});
