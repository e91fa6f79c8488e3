/** Shows every ability in a place. */
import { ABILITIES } from './abilities.ts';
import type { Place, Shown } from './service-table.ts';
import { inPlace } from './start-places.ts';

/** Each waits more than it works. */
const AT_A_TIME = 4;

/** @param onFailure gets why one cannot be done */
export const showAbilities = (place: Place, onFailure: (line: string) => void = () => {}): Promise<Shown[]> =>
  inPlace(place, async (config) => {
    const shown: Shown[] = [];
    const left = ABILITIES.entries();
    const worker = async () => {
      for (const [index, { service, what, show }] of left) {
        const problem = await show({ ...config }).then(
          () => undefined,
          (error: Error) => `${error.name}: ${error.message}`,
        );
        if (problem !== undefined) onFailure(`${place}: ${service} ${what}: no: ${problem}`);
        shown[index] = { service, what, can: problem === undefined };
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
    return shown;
  });
