/** Turns that only a fleet of CodeDeploy bundles takes. */
import { type Aim, abort, at, strike } from './aim.ts';

const SCRIPTS = ['BeforeBlockTraffic', 'Install', 'Install: check', 'BeforeAllowTraffic', 'AfterAllowTraffic'] as const;

export const BUNDLE_TURNS: readonly Aim[] = [
  {
    name: 'a script of a bundle takes long',
    draw: () => ({ faults: {}, servers: 3, bundle: { slow: true, bad: [] }, succeeds: true, quiet: true }),
  },
  {
    name: 'a deploy is stopped while scripts of a bundle run',
    draw: (random) => ({
      faults: { world: [abort(at('rollTarget', random.pick(SCRIPTS), random.whole(1, 3), random.whole(0, 6_000)))] },
      aborts: true,
      quiet: true,
    }),
  },
  {
    name: 'a server restarts while scripts of a bundle run',
    draw: (random) => ({
      faults: {
        world: [strike('server.restarting', at('rollTarget', random.pick(SCRIPTS), random.whole(1, 3), random.whole(0, 8_000)), 0, 'own')],
      },
      quiet: true,
    }),
  },
  {
    name: 'an order of a bundle comes twice',
    draw: (random) => ({
      faults: {
        persistent: [
          {
            place: { machine: 'rollTarget', state: random.pick(SCRIPTS.filter((state) => state !== 'Install: check')) },
            fromMs: 0,
            lastsMs: 900_000,
            how: { kind: 'twice', afterMs: random.whole(0, 20_000) },
          },
        ],
      },
      succeeds: true,
      quiet: true,
    }),
  },
  {
    name: 'a rollback of a bundle meets a stop that fails',
    draw: (random) => ({
      faults: {},
      badAt: random.pick(['ready', 'loadBalancer']),
      bundle: {
        bad: [{ whose: 'new', event: random.pick(['AfterBlockTraffic', 'ApplicationStop']), ends: random.pick(['fails', 'hangs']) }],
      },
      rollsBack: true,
      quiet: true,
    }),
  },
];
