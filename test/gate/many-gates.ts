/** A process that runs session gates side by side, as the file that is its argument lists them: one for each would be busy starting. */
import { readFileSync } from 'node:fs';
import { type GateOptions, gate } from '../../cli/gate/gate.ts';
import { createOutput } from '../../cli/output.ts';
import type { Ended } from './run-gate.ts';

const all = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as readonly GateOptions[];
const ended = await Promise.all(
  all.map(async (options): Promise<Ended> => {
    const lines: string[] = [];
    let stdout = '';
    const output = {
      ...createOutput(true),
      progress: (line: string) => void lines.push(line),
      result: (value: object, text: () => string) => {
        stdout = JSON.stringify(value);
        lines.push(text());
      },
    };
    const code = await gate(options, output).catch(({ message }: Error) => {
      lines.push(message);
      return 1;
    });
    return { code, stdout, stderr: lines.join('\n') };
  }),
);
process.stdout.write(JSON.stringify(ended), () => process.exit());
