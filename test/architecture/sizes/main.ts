/** `npm run sizes`: how large each room of the house is, next to the number that it is held to. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { endWith, printJson } from '../../../cli/output.ts';
import { countSizes } from './count-sizes.ts';
import { lowered, NUMBERS, NUMBERS_FILE } from './numbers.ts';

const HELP = `Usage: npm run sizes -- [options]

Prints the lines, bytes and files of code of each room, the words of prose in it, and the lines that it is held to.

  --lower   write today's lines and one in a hundred over each number that is larger; none is raised
  --json    print exactly one line of JSON on standard output: product and rooms, each with files, lines, bytes and proseWords
  --help

Examples:
  npm run sizes
  npm run sizes -- --json
`;

await endWith(async () => {
  const { values } = parseArgs({
    options: {
      lower: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const sizes = countSizes();
  if (values.lower) writeFileSync(NUMBERS_FILE, `${JSON.stringify(lowered(sizes), null, 2)}\n`);
  if (values.json) printJson(sizes);
  else {
    const held: Readonly<Record<string, number>> = values.lower ? JSON.parse(readFileSync(NUMBERS_FILE, 'utf8')) : NUMBERS;
    const row = (...cells: readonly (string | number)[]) =>
      process.stdout.write(`${cells.map((cell, index) => (index === 0 ? String(cell).padEnd(24) : String(cell).padStart(10))).join('')}\n`);
    row('room', 'lines', 'held to', 'bytes', 'files', 'prose');
    for (const [room, { lines, bytes, files, proseWords }] of [...Object.entries(sizes.rooms), ['product', sizes.product] as const]) {
      row(room, lines, held[room] ?? '', bytes, files, proseWords);
    }
  }
  return 0;
});
