/** `npm run bench:emulators`: boot, bootstrap, deploy of all stacks, a rolling deploy and memory, on MiniStack and on LocalStack. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EMULATORS } from '#local-aws/emulator/emulator.ts';
import { progressLog, runBench } from '../run-bench.ts';
import { type EmulatorCase, type FailedCase, tableOf } from './summarize.ts';

const HELP = `Usage: npm run bench:emulators -- [options]

Bring the local cloud up on each emulator, deploy every stack and roll one release over three servers, one emulator after the
other. LocalStack needs Python 3.13, a JDK 17 and Maven; its first use installs it, which is not counted.

  --only NAME   ministack or localstack alone
  --json        print exactly one line on standard output: {"cases":[{"name","bootSeconds","bootstrapSeconds","deploySeconds",
                "rollingDeploySeconds","peakRssMb"}],"failed":[{"name","reason"}]}
  --help

Exit codes: 0 every emulator was measured, 1 one failed (it is named), 2 an option is wrong.
`;

interface Options {
  readonly json: boolean;
  readonly emulators: typeof EMULATORS | [(typeof EMULATORS)[number]];
}

function parseOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean', default: false }, only: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return 'help';
  const only = EMULATORS.find((name) => name === values.only);
  if (values.only !== undefined && only === undefined)
    throw new TypeError(`--only ${JSON.stringify(values.only)} is not one of ${EMULATORS.join(', ')}. Nothing was started.`);
  return { json: values.json, emulators: only ? [only] : EMULATORS };
}

async function bench({ json, emulators }: Options): Promise<number> {
  // A state folder of its own: a cloud that is up in this checkout is neither used nor ended.
  process.env['HOLDFAST_STATE_FOLDER'] = path.resolve(import.meta.dirname, '../../../.holdfast/bench');
  const { measureEmulator } = await import('./measure-emulator.ts');
  const log = progressLog(true);
  const cases: EmulatorCase[] = [];
  const failed: FailedCase[] = [];
  for (const name of emulators)
    try {
      cases.push(await measureEmulator(name, log));
    } catch (error) {
      failed.push({ name, reason: (error as Error).message });
    }
  process.stdout.write(`${json ? JSON.stringify({ cases, failed }) : tableOf(cases)}\n`);
  for (const { name, reason } of failed) process.stderr.write(`${name} was not measured: ${reason}\n`);
  return failed.length === 0 ? 0 : 1;
}

await runBench(parseOptions, HELP, bench);
