/** Addresses of servers that are targets by them, in the place of instance ids: each follows from its server's id, and the other way round. */

const ID = /^i-0{14}([0-9]{3})$/;
const ADDRESS = /^10\.0\.0\.([0-9]+)$/;

/** @throws Error for an instance that Auto Scaling has launched: the members of such a fleet are those that its configuration lists */
export function addressOf(instanceId: string): string {
  const [, number] = ID.exec(instanceId) ?? [];
  if (number === undefined) throw new Error(`${instanceId} is none of the listed servers`);
  return `10.0.0.${Number(number)}`;
}

/** What is no address stays as it is. */
export const instanceOf = (target: string): string => target.replace(ADDRESS, (_, number: string) => `i-${number.padStart(17, '0')}`);
