/** `npm run ablate`: which element of the incidents' tables earns which case, by the stored evidence of lab/situations; with `--of sweep`, which rule of the sweep's catalogue earns which recorded key. */
import { parseArgs } from 'node:util';
import { endWith, printJson, printNote } from '../../cli/output.ts';
import { ablate } from './ablate.ts';
import { casesOf } from './cases.ts';
import { ablateSweep, SWEEP_FILE, summarizeSweep } from './of-sweep.ts';
import { summarize, writeRecorded } from './recorded.ts';

const HELP = `Usage: npm run ablate -- [options]

Takes each element of the tables of causes out (a condition, a precedence, a channel, a step), judges the stored evidence of all situations without
it, and prints which findings and first steps change: of each alone, and in pairs within a row.

  --of sweep     instead, which recorded keys of lab/corpus are taken for something else without a rule of the sweep's catalogue
  --only NAMES   by these situations alone, separated by commas
  --record       write elements, inert ones and digest to lab/ablate/recorded.json
  --json         print exactly one line of JSON on standard output: elements, those that change nothing (inert), a digest, and all of them
  --help
`;

await endWith(async () => {
  const { values } = parseArgs({
    options: {
      of: { type: 'string', default: 'incidents' },
      only: { type: 'string' },
      record: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (!['incidents', 'sweep'].includes(values.of)) throw new TypeError(`--of is incidents or sweep, not ${values.of}`);
  const ofSweep = values.of === 'sweep';
  const only = values.only?.split(',') ?? [];
  if ((values.record || ofSweep) && only.length > 0)
    throw new TypeError('--record and --of sweep are of all cases: leave --only out. Nothing was run');
  const began = performance.now();
  let done = 0;
  const note = (text: string) => {
    done += 1;
    if (done % 20 === 0) printNote(`${Math.round((performance.now() - began) / 1_000)} s, ${done}: ${text}`);
  };
  const measured = await (ofSweep ? ablateSweep(note) : ablate(() => casesOf(only), note));
  const summary = (ofSweep ? summarizeSweep : summarize)(measured);
  if (values.record) writeRecorded(summary, ofSweep ? SWEEP_FILE : undefined);
  if (values.json) printJson({ ...summary, measured });
  else {
    for (const { element, alone, pairs } of measured) {
      const others = Object.entries(pairs).map(([other, cases]) => `with ${other}: ${cases.length}`);
      process.stdout.write(`${element}: ${[alone.length === 0 ? 'none' : alone.join(', '), ...others].join('; ')}\n`);
    }
    process.stdout.write(
      `\n${summary.inert.length} of ${summary.elements} elements change no case alone or in pairs; digest ${summary.digest}\n`,
    );
  }
  return 0;
});
