const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** A readable size class: `≤ 65536 B` becomes `≤ 64 KiB`. A name without a size does not change. */
export const sizeClassText = (name: string): string => name.replace(/(\d+) B$/, (_, bytes) => binaryText(Number(bytes)));

/** In the largest unit that divides it: `4 KiB`, `1536 B`. */
function binaryText(bytes: number): string {
  let size = bytes;
  let power = 0;
  while (size > 0 && size % 1_024 === 0 && power < UNITS.length - 1) {
    size /= 1_024;
    power += 1;
  }
  return `${size} ${UNITS[power]}`;
}
