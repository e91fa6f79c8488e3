/** What is wrong with a deploy's look at people. */
import type { Plant } from './plant.ts';

const LOOK = 'functions/deploy/people/look-at-people.ts';
const COUNTS = 'functions/people/judge-people.ts';
const HURTS = ['hurt', 'misjudged'];

export const PEOPLE_PLANTS: readonly Plant[] = [
  {
    name: 'people are compared with those of another fleet, whom nobody asks to log in',
    file: COUNTS,
    text: 'before: ofAnswers.refused.of > 0 || !known ? ofAnswers : known,',
    becomes: 'before: every(() => ({ hurt: 0, of: known ? 1_000 : 500 })),',
    caughtBy: 'S16',
    in: ['campaign before'],
  },
  {
    name: 'people are compared with those of another fleet, who are all turned away',
    file: COUNTS,
    text: 'before: ofAnswers.refused.of > 0 || !known ? ofAnswers : known,',
    becomes: 'before: every(() => ({ hurt: 100, of: known ? 100 : 101 })),',
    caughtBy: 'S15',
    in: HURTS,
  },
  {
    name: 'the answer of a server with the previous release is taken for that of the new one',
    file: LOOK,
    text: 'const own = answers.get(roll.instanceId);',
    becomes: 'const own = answers.get(old[0] ?? roll.instanceId);',
    caughtBy: 'S15',
    in: HURTS,
  },
  {
    name: 'what people meet on servers with the previous release does not count',
    file: LOOK,
    text: 'old: peopleOf(old) };',
    becomes: 'old: peopleOf(old.slice(0, 0)) };',
    caughtBy: 'S16',
    in: ['campaign'],
  },
  {
    name: 'a verdict on people does not stop the deploy',
    file: LOOK,
    text: 'if (!goesOn) throw error;',
    becomes: "if (!goesOn && error.message === '') throw error;",
    caughtBy: 'S15',
    in: HURTS,
  },
  {
    name: 'what any deploy may expect is taken to be expected',
    file: LOOK,
    text: 'expect !== undefined && EXPECTED_AS[kind] === expect',
    becomes: 'expect !== "" && EXPECTED_AS[kind] !== undefined',
    caughtBy: 'S15',
    in: HURTS,
  },
  {
    name: 'what a deploy expects stops it',
    file: LOOK,
    text: 'expect !== undefined && EXPECTED_AS[kind] === expect',
    becomes: 'expect === null && EXPECTED_AS[kind] === expect',
    caughtBy: 'L1',
    in: ['expected'],
  },
  {
    name: 'a deploy that stops for people rolls nothing back',
    file: 'functions/deploy/clean-up/next-to-repair.ts',
    text: "mode: promoted ? 'halt' : settings.onFailure,",
    becomes:
      "mode: promoted || Object.values(targets).some(({ phases = [] }) => phases.at(-1)?.phase === 'failed' && phases.at(-2)?.phase === 'baking') ? 'halt' : settings.onFailure,",
    caughtBy: 'L3',
    in: HURTS,
  },
];
