/** Models server/documents/observe.py. */
import type { ObserveOutput } from '../../../../../functions/instance/document-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import { describeService, httpGet, numberOf, printed, type Script, type ScriptContext } from './script.ts';
import { waitForUserData } from './user-data-state.ts';

const LONGEST_MS = 200_000;

export const observe: Script = async (context) => {
  const { machine, process } = context;
  const attempts = numberOf(context, 'attempts');
  const preparation = attempts > 0 ? {} : await preparationAfter(context, numberOf(context, 'intervalSeconds'));
  const { current, hasPlaceholder } = machine.disk;
  const hasReadinessPath = current !== NO_RELEASE || hasPlaceholder;
  const offersCounts = machine.currentBehaviour?.offersCounts;

  const endMs = process.now() + LONGEST_MS;
  const durations: number[] = [];
  let upInARow = 0;
  let lastAnswer = hasReadinessPath ? 'not checked' : 'no release with a readiness path is installed';
  for (let attempt = 0; hasReadinessPath && attempt < attempts; attempt += 1) {
    if (attempt > 0) {
      const pauseMs = numberOf(context, upInARow > 0 ? 'confirmSeconds' : 'intervalSeconds') * 1000;
      if (process.now() + pauseMs > endMs) break;
      await process.sleep(pauseMs);
    }
    lastAnswer = await checkReadiness(context);
    upInARow = lastAnswer === '200 UP' ? upInARow + 1 : 0;
    const begunAtMs = process.now();
    await httpGet(context);
    durations.push(process.now() - begunAtMs);
  }

  const output: ObserveOutput = {
    upInARow,
    attempts,
    lastAnswer,
    version: machine.disk.current,
    ...(hasReadinessPath && attempts > 0 && upInARow === 0 && evidenceOf(context, current)),
    ...preparation,
    ...(durations.length > 0 && { latencyMs: median(durations) }),
  };
  const { application } = machine;
  const answers = application?.isListening && !application.isFrozen && !application.isPlaceholder;
  return printed(offersCounts && answers ? { ...output, ...application.counts } : output);
};

/** What the service shows of its failure. */
function evidenceOf({ machine }: ScriptContext, current: string): Pick<ObserveOutput, 'asked' | 'service' | 'journal'> {
  const name = current === NO_RELEASE ? 'holdfast-placeholder' : 'holdfast-app';
  return { asked: 'http://127.0.0.1:8080/healthz', ...describeService(machine, name) };
}

async function checkReadiness(context: ScriptContext): Promise<string> {
  const answer = await httpGet(context);
  if ('error' in answer) return answer.error;
  return answer.application.behaviour.isReady ? '200 UP' : '503 DOWN';
}

async function preparationAfter(
  context: ScriptContext,
  limitSeconds: number,
): Promise<Pick<ObserveOutput, 'preparing' | 'preparationFailed'>> {
  const preparation = await waitForUserData(context, limitSeconds);
  switch (preparation.state) {
    case 'prepared':
      return {};
    case 'preparing':
      return { preparing: preparation.phase };
    case 'failed':
      return { preparationFailed: preparation.why };
  }
}

const median = (durations: readonly number[]): number => durations.toSorted((a, b) => a - b)[Math.floor((durations.length - 1) / 2)] ?? 0;
