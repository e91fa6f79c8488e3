/**
 * What the function in the servers' network finds of the store: a witness of another kind than the servers, of their shared way alone. It
 * sees no single server, and no password of the application. Pure.
 */
import type { Evidence } from '../../contract/evidence.ts';
import { type Witnessed, worksFromFleet } from '../../contract/witness.ts';
import { anyOf, type Judged, judgeSource, no, open, shaky, yes } from '../judged.ts';

const namesOf = (fleets: readonly Witnessed[]): string => fleets.map(({ fleet }) => fleet).join(', ');

/** @param says what is so of the fleets where the condition holds, as in `fleet web {says}` */
const someFleet = (evidence: Evidence, says: string, holds: (one: Witnessed) => boolean): Judged =>
  judgeSource('witness', ({ fleets }, { complete }) => {
    const known = fleets.filter(({ state }) => state !== 'unknown');
    const found = known.filter(holds);
    if (found.length > 0) return yes('witness', `the network of fleet ${namesOf(found)} ${says}`);
    return complete && known.length === fleets.length && known.length > 0
      ? no('witness', `the network of fleet ${namesOf(known)} does not: ${known.map(({ state }) => state).join(', ')}`)
      : open('witness', `the fleet's side of the store: whether it ${says}`);
  })(evidence);

/** Cut off: by a rule, a route or a name that all servers share, or since no node answers. */
export const fleetCutOff = (evidence: Evidence): Judged =>
  someFleet(evidence, 'cannot reach the store', ({ state }) => state === 'unreachable');
export const fleetRefused = (evidence: Evidence): Judged =>
  someFleet(evidence, 'is refused its login', ({ state }) => state === 'refusedLogin');
export const fleetReadOnly = (evidence: Evidence): Judged =>
  someFleet(evidence, 'is refused its writes', ({ state }) => state === 'readOnly');

/** What the fleet's side shows is added to what others say. Where it shows nothing, they are as sure as without it. */
export const alsoSeen = (judged: Judged, byFleet: Judged): Judged => (byFleet.truth === true ? anyOf(judged, byFleet) : judged);

/** The store works for each fleet that was asked. Never firm: single servers can be cut off all the same. */
export const fleetReaches = judgeSource('witness', ({ fleets }) => {
  const working = fleets.filter(worksFromFleet);
  if (fleets.length > 0 && working.length === fleets.length)
    return shaky(yes('witness', `the store works from the network of fleet ${namesOf(working)}`));
  return open('witness', "the fleet's side of the store: whether it works");
});
