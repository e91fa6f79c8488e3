/** The number of lines that each room is held to. A number is raised only in the commit that adds a capability, with its reason. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Sizes } from './count-sizes.ts';

export const NUMBERS_FILE = path.join(import.meta.dirname, 'numbers.json');
export const NUMBERS: Readonly<Record<string, number>> = JSON.parse(readFileSync(NUMBERS_FILE, 'utf8'));
/** What a room may lie below its number, as a share: a number that is far away holds nothing. Small rooms have a few lines. */
const SLACK = 0.02;
const FEW_LINES = 12;

/** Lines by room, and what the product as a whole has; tests fall with what they test, so nothing holds them. */
export const linesOf = ({ product, rooms }: Sizes): Readonly<Record<string, number>> => ({
  ...Object.fromEntries(Object.entries(rooms).flatMap(([room, { lines }]) => (room.startsWith('test') ? [] : [[room, lines]]))),
  product: product.lines,
  'files of the product': product.files,
  'bytes of the product': product.bytes,
});

/** What a number leaves for small changes, as a share. */
const ROOM = 0.01;

export const lowered = (sizes: Sizes): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(linesOf(sizes)).map(([room, lines]) => {
      const number = Math.ceil(lines * (1 + ROOM));
      return [room, Math.min(number, NUMBERS[room] ?? number)];
    }),
  );

/** One sentence for each room that is over its number, far below it, new, or gone. */
export function judgeSizes(sizes: Sizes, numbers = NUMBERS): readonly string[] {
  const lines = linesOf(sizes);
  return [...new Set([...Object.keys(lines), ...Object.keys(numbers)])].flatMap((room) => {
    const [is, held] = [lines[room], numbers[room]];
    if (is === undefined) return [`${room} is gone: npm run sizes -- --lower`];
    if (held === undefined) return [`${room} is new, ${is}, and has no number: npm run sizes -- --lower`];
    if (is > held) return [`${room}: ${is}, held to ${held}: take out what earns nothing, or raise its number with the reason`];
    return held - is > Math.max(FEW_LINES, held * SLACK) ? [`${room}: ${is}, far below its ${held}: npm run sizes -- --lower`] : [];
  });
}
