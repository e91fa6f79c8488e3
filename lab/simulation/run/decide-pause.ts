/** The operator of a run, about a deploy that waits after its first servers. */
import { dynamoDeployRecords } from '../../../functions/records/dynamo-deploy-records.ts';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { createRecordsTable } from '../../../functions/records/records-table.ts';
import { documentCalls } from '../dynamodb/document-calls.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { World } from '../world/world.ts';
import type { RunPlan } from './draw-run.ts';

export interface Deciding {
  readonly kernel: Kernel;
  readonly plan: Pick<RunPlan, 'pause'>;
  readonly world: () => World;
  readonly abort: () => boolean;
  /** A fact for the coverage. */
  readonly sometimes: (fact: string) => void;
}

/** @returns what is called when an execution enters a state: the operator decides some time after the first look at a wait */
export function decidesOnPauses({
  kernel,
  plan,
  world,
  abort,
  sometimes,
}: Deciding): (entered: { readonly state: string; readonly executionArn: string }) => void {
  const seen = new Set<string>();
  return ({ state, executionArn }) => {
    const { pause } = plan;
    if (state !== 'Wait to be continued' || seen.has(executionArn) || pause === undefined) return;
    seen.add(executionArn);
    sometimes('a deploy waited to be continued');
    if (pause.decision === 'ignored') return;
    kernel.after(pause.delayMs, async () => {
      if (pause.decision === 'rejected') {
        if (abort()) sometimes('a deploy that waited was rejected');
        return;
      }
      if (await continueDeploy(world(), executionArn.split(':').at(-1) ?? '', kernel.now()))
        sometimes('a deploy that waited was continued');
    });
  };
}

/** As the function does that an operator calls: it reads no answer of the load balancer, and nothing of it can go wrong here. */
function continueDeploy({ dynamoDb, installation }: World, deployId: string, atMs: number): Promise<boolean> {
  const calls = documentCalls(async <Output>(operation: string, input: object) => {
    try {
      return JSON.parse(JSON.stringify(dynamoDb.service[operation]?.(JSON.parse(JSON.stringify(input)) as never))) as Output;
    } catch (error) {
      const { code, message } = error as Error & { readonly code?: string };
      throw Object.assign(new Error(message), { name: code ?? 'Error' });
    }
  });
  const table = installation.functions.control.environment[RECORDS_ENV.recordsTable] ?? '';
  return dynamoDeployRecords(createRecordsTable(calls, table)).continueDeploy(installation.fleet, deployId, {
    requestedBy: 'operator',
    atMs,
  });
}
