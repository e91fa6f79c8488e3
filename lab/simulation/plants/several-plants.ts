import type { Plant } from './plant.ts';

/** Faults that show once a deploy works on several servers at the same time. */
export const SEVERAL_PLANTS: readonly Plant[] = [
  {
    name: 'a target in flight counts as healthy when the next one is chosen and taken out',
    file: 'functions/deploy/rolls/in-flight.ts',
    text: "if (executionName === undefined || died === executionName || hasEnded(target) || target.phase === 'skipped') return [];",
    becomes:
      "if (executionName === undefined || died === executionName || hasEnded(target) || target.phase === 'skipped' || target.phase === 'baking') return [];",
    caughtBy: 'S2',
  },
  {
    name: 'the limit is ignored',
    file: 'functions/deploy/assess/choose-next-target.ts',
    text: 'if (inFlight.size >= choice.mostAtOnce) return AWAIT;',
    becomes: '',
    caughtBy: 'S10',
  },
  {
    name: 'a rollback ignores the limit',
    file: 'functions/deploy/clean-up/next-to-repair.ts',
    text: 'const limit = mostAtOnce(settings.maxParallel, servers);',
    becomes: 'const limit = servers;',
    caughtBy: 'S10',
    in: ['one of two in flight fails', 'one of two in flight dies', 'a deploy is stopped with two in flight'],
  },
  {
    // Without the second change the target that has failed is the next one, and no target is rolled twice.
    name: 'a target is begun after another one has failed',
    file: 'functions/deploy/rolls/in-flight.ts',
    text: "errorName !== 'DeployStopping' && !mayFail && target?.rollingBackTo === undefined;",
    becomes: "errorName === 'DeployStopping' && !mayFail && target?.rollingBackTo === undefined;",
    also: {
      file: 'functions/deploy/assess/next-target.ts',
      text: "target?.phase === 'skipped' && target.executionName !== undefined;",
      becomes: "['skipped', 'failed'].includes(target?.phase ?? '') && target?.executionName !== undefined;",
    },
    caughtBy: 'S11',
    in: ['one of two in flight fails', 'a server fails while two are in flight'],
  },
  {
    name: 'a clean-up ends while a rollback that it has begun is at work',
    file: 'functions/deploy/clean-up/next-to-repair.ts',
    text: "if (next.action === 'await') return { verdict: 'AWAIT', waitingSinceMs: 0, atWork };",
    becomes: "if (next.action === 'await') return { verdict: begun.length < limit ? 'DONE' : 'AWAIT', waitingSinceMs: 0, atWork };",
    caughtBy: 'L3',
    in: ['bad release', 'abort', 'one of two in flight fails', 'a deploy is stopped with two in flight'],
  },
  {
    name: 'a zone is emptied',
    file: 'functions/deploy/rolls/in-flight.ts',
    text: 'if (one?.zone === undefined || !one.serves) return false;',
    becomes: 'if (one !== undefined || members.length >= 0) return false;',
    caughtBy: 'S12',
    in: ['as many as a zone allows are in flight'],
  },
  {
    name: 'a zone is emptied while one in flight there was stopped',
    file: 'functions/deploy/assess/next-target.ts',
    text: 'zonesInFlight: new Map(failing.flatMap(({ instanceId, zone }) => (zone === undefined ? [] : [[instanceId, zone] as const]))),',
    becomes: 'zonesInFlight: new Map(),',
    caughtBy: 'S12',
    in: ['a server is reclaimed as it is rolled'],
  },
];
