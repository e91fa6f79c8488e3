/** Runs real handlers in a process of its own, for lambda.test.ts: prints what happened as JSON. */
import { recordKeys } from '../../../functions/records/keys.ts';
import { createLambda } from '../cloud/lambda.ts';
import { loadFunctions } from '../cloud/lambda-functions.ts';
import { createDynamoDb } from '../dynamodb/dynamodb.ts';
import { type CallFault, type InvocationFault, NO_FAULTS } from '../faults/faults.ts';
import { EPOCH_MS, Kernel } from '../kernel/kernel.ts';
import { replaceGlobals } from '../kernel/virtual-globals.ts';
import { connectSeam } from '../seam/connect-seam.ts';

const TABLE = 'records';
const ENVIRONMENT = { HOLDFAST_FLEET: 'web', HOLDFAST_RECORDS_TABLE: TABLE, HOLDFAST_AUTO_SCALING_GROUP: 'group' };

interface Case {
  readonly invocation?: InvocationFault;
  readonly call?: CallFault;
  /** How many of the first attempts meet it. @default 1 */
  readonly attempts?: number;
  readonly atOnce?: number;
  /** Replaces the function by one that sleeps in real time. */
  readonly sleeps?: boolean;
  /** Leaves the service of Auto Scaling out. */
  readonly withoutAutoScaling?: boolean;
}

const functions = await loadFunctions();

async function runCase({ invocation, call, attempts = 1, atOnce = 1, sleeps = false, withoutAutoScaling = false }: Case) {
  const kernel = new Kernel(1, { keepTimeline: true });
  const dynamodb = createDynamoDb(TABLE);
  const taken: string[] = [];
  let left = call === undefined ? 0 : attempts;
  const faults = {
    ...NO_FAULTS,
    invocation: () => invocation,
    call: () => {
      left -= 1;
      return left >= 0 ? call : undefined;
    },
    took: (kind: string) => void taken.push(kind),
  };
  let suspended: readonly string[] = [];
  const services = {
    dynamodb: dynamodb.service,
    autoscaling: {
      DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [{ AutoScalingGroupName: 'group', Instances: [], SuspendedProcesses: [] }] }),
      SuspendProcesses: ({ ScalingProcesses }: { ScalingProcesses: readonly string[] }) => {
        suspended = ScalingProcesses;
        return {};
      },
    },
  };
  if (withoutAutoScaling) Object.assign(services, { autoscaling: {} });
  const sleeper = () => async () => new Promise((resolve) => setTimeout(resolve, 1_000));
  const effects: string[] = [];
  const watcher = { effect: ({ operation }: { readonly operation: string }) => void effects.push(operation) };
  const restoreGlobals = replaceGlobals(kernel);
  const disconnect = connectSeam({ kernel, services, faults, watcher });
  try {
    const { key, item } = heldLock();
    dynamodb.service['PutItem']?.({ TableName: TABLE, Item: { ...key, ...item } } as never);
    const lambda = createLambda({
      kernel,
      faults,
      settings: new Map([['scaling', { environment: ENVIRONMENT, timeoutSeconds: 60 }]]),
      handlers: sleeps ? new Map([['scaling', sleeper]]) : functions(() => Promise.reject(new Error('no store'))),
    });
    const deploy = { fleet: 'web', deployId: 'd1', settings: { leaseSeconds: 100 } };
    const payload = { step: 'suspend', deploy, lease: { fencingToken: 1, expiresAtMs: 0 }, round: 0 };
    const answers = await runAll(kernel, () => Array.from({ length: atOnce }, () => lambda.invoke('scaling', payload)));
    return { answers, effects, suspended: suspended.length, taken, virtualMs: kernel.now() - EPOCH_MS, hash: kernel.timeline.hash() };
  } finally {
    disconnect();
    restoreGlobals();
  }
}

/** What each of the calls returned, or threw. */
async function runAll(kernel: Kernel, start: () => Promise<unknown>[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  let open = 0;
  kernel.after(0, () => {
    for (const call of start()) {
      open += 1;
      call
        .then(
          (answer) => answers.push({ answer }),
          ({ errorType, cause }: { errorType: string; cause: string }) => answers.push({ errorType, cause }),
        )
        .finally(() => {
          open -= 1;
        });
    }
  });
  await kernel.run(EPOCH_MS + 120_000, () => open === 0 && answers.length > 0);
  return answers;
}

function heldLock() {
  const { pk, sk } = recordKeys.lock('web');
  return {
    key: { pk: { S: pk }, sk: { S: sk } },
    item: { deployId: { S: 'd1' }, fencingToken: { N: '1' }, expiresAtMs: { N: '0' } },
  };
}

const cases = JSON.parse(process.argv[2] ?? '[]') as Case[];
const results: unknown[] = [];
for (const one of cases) {
  results.push(await runCase(one).catch((error: Error) => ({ ended: error.name, message: error.message })));
}
process.stdout.write(JSON.stringify(results));
