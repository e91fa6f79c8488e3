/** How much there is to read in each room of the product: files of code and their lines, which `npm run docs -- architecture` prints. Pure. */
import type { Source } from '../../architecture/read-sources.ts';

export const PRODUCT = 'cli console infra functions server advisor session package bin'.split(' ');
/** Of files with code, as a glob. */
export const CODE = `{${PRODUCT.join()}}/**/*.{ts,mts,mjs,js,css,html,java,py,sh}`;

export function roomSizes(sources: readonly Source[]): readonly string[] {
  const sizeOf = (ofRoom: readonly Source[]): string => {
    const lines = ofRoom.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
    return `${ofRoom.length.toLocaleString('en')} files, ${lines.toLocaleString('en')} lines`;
  };
  const rooms = PRODUCT.map((room) => `${room}: ${sizeOf(sources.filter(({ file }) => file.startsWith(`${room}/`)))}`);
  return [...rooms, `the product: ${sizeOf(sources)}`];
}
