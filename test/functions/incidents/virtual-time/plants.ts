/** Faults of mitigations that the drawn outages have to find. */
import type { Plant } from '../../../../lab/simulation/plants/plant.ts';

const MITIGATE = 'functions/incidents/mitigate';

export const PLANTS: readonly Omit<Plant, 'caughtBy' | 'in'>[] = [
  {
    name: 'a store that works from the network of the fleet ends nothing',
    file: `${MITIGATE}/store-witnesses.ts`,
    text: "if (fleetSide.word === 'works') return false;",
    becomes: '',
  },
  {
    name: 'one witness alone holds what bridges an outage',
    file: `${MITIGATE}/store-witnesses.ts`,
    text: "return away > 1 ? true : 'unknown';",
    becomes: "return away > 0 ? true : 'unknown';",
  },
  {
    name: 'the page is shown by the servers alone',
    file: `${MITIGATE}/store-witnesses.ts`,
    text: "if (fleetSide.word === 'away' || collector.word === 'away') return undefined;",
    becomes: 'return undefined;',
  },
  {
    name: 'silence ends nothing',
    file: `${MITIGATE}/mitigation-steps.ts`,
    text: 'if (silentSinceMs > 0 && nowMs - silentSinceMs >= LONGEST_SILENCE_MS)',
    becomes: 'if (nowMs < 0)',
  },
  {
    name: 'the longest time ends nothing',
    file: `${MITIGATE}/mitigation-steps.ts`,
    text: 'if (longestMs !== undefined && record.actedAtMs !== undefined && ports.now() - record.actedAtMs >= longestMs)',
    becomes: 'if (longestMs !== undefined && ports.now() < 0)',
  },
  {
    name: 'what is in effect holds up what is approved',
    file: `${MITIGATE}/mitigation-steps.ts`,
    text: "const CARRIED_OUT_NOW: readonly MitigationState[] = ['acting', 'verifying'];",
    becomes: "const CARRIED_OUT_NOW: readonly MitigationState[] = ['acting', 'verifying', 'done'];",
  },
  {
    name: 'the page is shown although nobody is known to be hurt',
    file: `${MITIGATE}/re-login-page.ts`,
    text: "if (await areHurt(fleet)) return 'DONE';",
    becomes: "return 'DONE';",
  },
  {
    name: 'the page waits for metrics without end',
    file: `${MITIGATE}/re-login-page.ts`,
    text: "if (now() - plan.undo.plannedAtMs < HURT_WITHIN_MS) return 'WAIT';",
    becomes: "return 'WAIT';",
  },
  {
    name: 'a replica is promoted while a primary answers',
    file: `${MITIGATE}/promote-replica.ts`,
    text: 'if (held !== undefined) return { refused: held };',
    becomes: '',
    also: {
      file: `${MITIGATE}/promote-replica.ts`,
      text: 'if (held !== undefined) throw new',
      becomes: 'if (false as boolean) throw new',
    },
  },
  {
    name: 'the store is scaled after memory has room again',
    file: `${MITIGATE}/scale-store.ts`,
    text: 'if (enough !== undefined) return { refused: enough };',
    becomes: '',
    also: {
      file: `${MITIGATE}/scale-store.ts`,
      text: 'if (enough !== undefined) throw new',
      becomes: 'if (false as boolean) throw new',
    },
  },
  {
    name: 'servers are kept for one that stays cut off',
    file: `${MITIGATE}/keep-servers.ts`,
    text: "return !goesOn && cutOffOf(servers) > 0 && !mostAreCutOff(servers) ? 'unknown' : goesOn;",
    becomes: 'return goesOn || (cutOffOf(servers) > 0 && !mostAreCutOff(servers));',
  },
  {
    name: 'the lock of the fleet is not released',
    file: `${MITIGATE}/keep-servers.ts`,
    text: '  await releaseHold(records, fleet, incidentId);',
    becomes: '',
  },
  {
    name: 'what is over is not undone',
    file: 'functions/incidents/tend/end-temporary.ts',
    text: "if (reply.verdict !== 'FAILED') return;",
    becomes: 'return;',
  },
  {
    name: 'an act of a person is undone before CloudTrail can name it',
    file: 'functions/incidents/classify/decide.ts',
    text: 'if (DESCRIPTORS[name].undoesPeople && !isTrailComplete)',
    becomes: 'if (false as boolean)',
  },
];
