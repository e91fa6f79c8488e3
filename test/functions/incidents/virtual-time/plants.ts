/** Faults of mitigations that the drawn outages have to find. */
import type { Plant } from '../../../../lab/simulation/plants/plant.ts';
import type { Story } from './play-mitigations.ts';

const MITIGATE = 'functions/incidents/mitigate';

/** `in`: the story that shows it; absent: any. */
export const PLANTS: readonly (Omit<Plant, 'caughtBy' | 'in'> & { readonly in?: Story })[] = [
  {
    name: 'a store that works from the network of the fleet ends nothing',
    in: 'outage',
    file: `${MITIGATE}/store-witnesses.ts`,
    text: "if (fleetSide.word === 'works') return false;",
    becomes: '',
  },
  {
    name: 'one witness alone holds what bridges an outage',
    in: 'outage',
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
    name: 'what is in effect holds up what is asked for',
    file: `${MITIGATE}/carry-out.ts`,
    text: '.filter(([one, record]) => one !== key && !DESCRIPTORS[record.name].overBecause);',
    becomes: '.filter(([one]) => one !== key);',
  },
  {
    name: 'a turn is waited for without end',
    in: 'keys',
    file: `${MITIGATE}/carry-out.ts`,
    text: 'UNDER_WAY.includes(state) && now() - actedAtMs > DESCRIPTORS[of].verifyMs + REPEATS_MS;',
    becomes: 'UNDER_WAY.includes(state) && now() - actedAtMs < 0 && DESCRIPTORS[of].verifyMs > REPEATS_MS;',
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
    text: "if (now() - plannedAtMs < HURT_WITHIN_MS) return 'WAIT';",
    becomes: "return 'WAIT';",
  },
  {
    name: 'a replica is promoted while a primary answers',
    file: `${MITIGATE}/promote-replica.ts`,
    text: 'if (held !== undefined) return { refused: held };',
    becomes: '',
    also: {
      file: `${MITIGATE}/promote-replica.ts`,
      text: 'refuseFor(await whyHeld(group.id));',
      becomes: '',
    },
  },
  {
    name: 'what is over is not undone',
    file: 'functions/incidents/tend/end-temporary.ts',
    text: 'if (end === undefined) return;',
    becomes: 'if (!isLeft) return;',
  },
  {
    name: 'an incident whose alarms are off ends what bridges its outage in the middle of that',
    in: 'outage',
    file: 'functions/incidents/tend/end-temporary.ts',
    text: 'isOver && !reply?.holds ?',
    becomes: 'isOver ?',
  },
  {
    name: 'an act of a person is undone before CloudTrail can name it',
    file: 'functions/incidents/classify/decide.ts',
    text: 'if (DESCRIPTORS[name].undoesPeople && !isTrailComplete)',
    becomes: 'if (false as boolean)',
  },
  {
    name: 'whatever deploy runs is stopped',
    in: 'deploy',
    file: `${MITIGATE}/stop-deploy.ts`,
    text: 'const record = await records.getDeploy(name, target.deployId);',
    becomes: 'const [record] = await records.latestDeploys(name, 1);',
    also: {
      file: `${MITIGATE}/stop-deploy.ts`,
      text: 'if (target.deployId === undefined) return',
      becomes: 'if (false as boolean) return',
    },
  },
  {
    name: 'a deploy that an operator stops is said to be stopped by the runbook',
    in: 'deploy',
    file: `${MITIGATE}/stop-deploy.ts`,
    text: 'if ((await executions.describe(executionArn))?.cause !== causeOf(target))',
    becomes: 'if (false as boolean)',
  },
  {
    name: 'servers that did not go back are said to have gone',
    in: 'deploy',
    file: `${MITIGATE}/stop-deploy.ts`,
    text: "isNotRolledBack(record) ? 'FAILED' : 'DONE'",
    becomes: "'DONE'",
  },
  {
    name: 'a clean-up that takes long, or whose runbook died, is said to have failed',
    in: 'deploy',
    file: `${MITIGATE}/mitigation-steps.ts`,
    text: "if (verdict !== 'DONE' && !(verdict === 'WAIT' && goesOn)) return leave(",
    becomes: 'if (verdict !== undefined) return leave(',
  },
];
