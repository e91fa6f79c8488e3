/**
 * Orders two agent versions such as `3.3.2746.0` by their numbers: negative, zero or positive as `a` is older than, the
 * same as or newer than `b`. Missing parts are 0; a part that is not numeric sorts before every number.
 */
export function compareAgentVersion(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = part(left[index]) - part(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function part(text: string | undefined): number {
  if (text === undefined) return 0;
  return /^\d+$/.test(text) ? Number(text) : -1;
}
