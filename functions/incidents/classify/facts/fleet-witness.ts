/**
 * What the function in the servers' network finds of the store: a witness of another kind than the servers, of their shared way alone. It
 * sees no single server, and no password of the application. Pure.
 */
import { type Witnessed, worksFromFleet } from '../../contract/witness.ts';
import { anyOf, type Judge, judgeSource, no, open, shaky, yes } from '../judged.ts';

const namesOf = (fleets: readonly Witnessed[]): string => fleets.map(({ fleet }) => fleet).join(', ');

/** @param says what is so of the fleets in this state, as in `fleet web {says}` */
const someFleet = (state: Witnessed['state'], says: string): Judge =>
  judgeSource('witness', ({ fleets }, { complete }) => {
    const known = fleets.filter((one) => one.state !== 'unknown');
    const found = known.filter((one) => one.state === state);
    if (found.length > 0) return yes('witness', `the network of fleet ${namesOf(found)} ${says}`);
    return complete && known.length === fleets.length && known.length > 0
      ? no('witness', `the network of fleet ${namesOf(known)} does not: ${known.map((one) => one.state).join(', ')}`)
      : open('witness', `the fleet's side of the store: whether it ${says}`);
  });

/** Cut off: by a rule, a route or a name that all servers share, or since no node answers. */
export const fleetCutOff = someFleet('unreachable', 'cannot reach the store');
export const fleetRefused = someFleet('refusedLogin', 'is refused its login');
export const fleetReadOnly = someFleet('readOnly', 'is refused its writes');

/** What the fleet's side shows is added to what others say. Where it shows nothing, they are as sure as without it. */
export const alsoSeen =
  (judge: Judge, byFleet: Judge): Judge =>
  (evidence) =>
    (byFleet(evidence).truth === true ? anyOf(judge, byFleet) : judge)(evidence);

/** The store works for each fleet that was asked. Never firm: single servers can be cut off all the same. */
export const fleetReaches = judgeSource('witness', ({ fleets }) => {
  const working = fleets.filter(worksFromFleet);
  if (fleets.length > 0 && working.length === fleets.length)
    return shaky(yes('witness', `the store works from the network of fleet ${namesOf(working)}`));
  return open('witness', "the fleet's side of the store: whether it works");
});
