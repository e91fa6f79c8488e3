/**
 * `npm run check:asl`: runs the table of Step Functions' behaviours in the simulation, in the default emulator and in LocalStack,
 * or with `--endpoint URL` on what is there. Where this machine lacks what LocalStack needs, its rows are not run, with one sentence.
 * `--only ROW` runs one row, `--json` prints one line:
 * `{"rows","interpreters":[{"name","agree","differ","notRun","why"?}],"differences":[…],"problems":[…]}`. Ends with 1 when an
 * interpreter is not as the table says.
 */
import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { runOnDefaultEmulator, runOnLocalStack } from './emulators.ts';
import { endpointCloud } from './endpoint-cloud.ts';
import { type Judged, judge } from './judge.ts';
import type { Row } from './row.ts';
import { runTable } from './run-row.ts';
import { runSimulated } from './simulated-cloud.ts';
import { TABLE } from './table.ts';

const ROWS_AT_A_TIME = 6;
/** Emulators take any role and any credentials. */
const ANY_ROLE = 'arn:aws:iam::000000000000:role/any';
const ANY_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

const OPTIONS = {
  json: { type: 'boolean', default: false },
  only: { type: 'string' },
  endpoint: { type: 'string' },
  as: { type: 'string', default: 'endpoint' },
  role: { type: 'string', default: ANY_ROLE },
  'without-functions': { type: 'boolean', default: false },
} as const;

class UsageError extends Error {}

function chosenRows(only: string | undefined): readonly Row[] {
  const rows = TABLE.filter(({ name }) => only === undefined || name === only);
  if (rows.length === 0) throw new UsageError(`check:asl has no row "${only}": docs/internals/step-functions.md lists them.`);
  return rows;
}

async function onEndpoint(rows: readonly Row[], address: string, name: string, role: string, withFunctions: boolean): Promise<Judged> {
  if (!URL.canParse(address)) throw new UsageError(`--endpoint ${address} is not a URL, for example http://127.0.0.1:4566.`);
  const config = {
    endpoint: address,
    region: process.env['AWS_REGION'] ?? 'us-east-1',
    maxAttempts: 2,
    ...(process.env['AWS_ACCESS_KEY_ID'] === undefined && { credentials: ANY_CREDENTIALS }),
  };
  const [stepFunctions, lambda] = [new SFNClient(config), new LambdaClient(config)];
  const cloud = endpointCloud({ name, stepFunctions, lambda: withFunctions ? lambda : undefined, functionRole: role, machineRole: role });
  try {
    await stepFunctions.send(new ListStateMachinesCommand({ maxResults: 1 })).catch((error: Error) => {
      const what = `${address} does not answer as Step Functions (${error.message || error.name}).`;
      throw new UsageError(`${what} Nothing was created. Start the emulator, or check its address and its log.`);
    });
    return judge(name, await runTable(rows, cloud, ROWS_AT_A_TIME));
  } finally {
    await cloud.remove();
    for (const client of [stepFunctions, lambda]) client.destroy();
  }
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS, allowPositionals: false });
  const rows = chosenRows(values.only);
  const judged: Judged[] =
    values.endpoint === undefined
      ? [
          judge('simulation', await Promise.all(rows.map((row) => runSimulated(row)))),
          judge('default emulator', await runOnDefaultEmulator(rows)),
          judge('LocalStack', await runOnLocalStack(rows)),
        ]
      : [await onEndpoint(rows, values.endpoint, values.as, values.role, !values['without-functions'])];
  const problems = judged.flatMap((one) => one.problems);
  const interpreters = judged.map(({ report }) => report);
  const differences = judged.flatMap((one) => one.differences);
  if (values.json) process.stdout.write(`${JSON.stringify({ rows: rows.length, interpreters, differences, problems })}\n`);
  else {
    for (const { name, agree, differ, notRun, why } of interpreters)
      process.stdout.write(
        `${name.padEnd(16)}  ${agree} rows agree with AWS, ${differ} differ, ${notRun} not run${why ? `: ${why}` : ''}\n`,
      );
    for (const problem of problems) process.stdout.write(`${problem}\n`);
  }
  return problems.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error & { code?: string }) => {
  process.stderr.write(`${error.message}\n`);
  return error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
});
