import { type Aim, abort, at, HALF_HOUR_MS, strike } from './aim.ts';
import { DEPLOYMENT, ENDED } from './fault-plan.ts';

/** Stops a roll in a state in which the deploy waits for sessions. */
const stoppedWhileWaiting = (state: string, visits: number): Aim => ({
  name: `a deploy is stopped at ${state}`,
  draw: (random) => ({
    faults: { world: [abort(at('rollTarget', state, random.whole(1, visits), random.whole(0, 5_000)))] },
    needs: 'users',
    aborts: true,
    quiet: true,
  }),
});
export const SESSION_TURNS: readonly Aim[] = [
  stoppedWhileWaiting('Pin', 40),
  stoppedWhileWaiting('Wait for sessions', 60),
  stoppedWhileWaiting('Watch sessions', 60),
  stoppedWhileWaiting('Unpin', 20),
  {
    name: 'a server dies while its sessions are waited for',
    draw: (random) => ({
      faults: { world: [strike('server.dead', at('rollTarget', 'Wait for sessions', random.whole(2, 60)), HALF_HOUR_MS, 'own')] },
      needs: 'users',
    }),
  },
  {
    // Its hook holds it: its users stay until their sessions have ended.
    name: 'a server is terminated while its sessions are waited for',
    draw: (random) => ({
      faults: {
        world: [
          strike(ENDED, at('rollTarget', 'Wait for sessions', random.whole(1, 40), random.whole(0, 12_000)), 0, 'own'),
          ...(random.chance(0.4) ? [abort(at('rollTarget', 'Wait for sessions', random.whole(20, 60)))] : []),
        ],
      },
      needs: 'users',
      quiet: true,
    }),
  },
  {
    name: 'an agent falls silent while sessions are waited for',
    draw: (random) => ({
      faults: { world: [strike('agent.silent', at('rollTarget', 'Wait for sessions', random.whole(1, 60)), HALF_HOUR_MS, 'own')] },
      needs: 'users',
    }),
  },
  {
    // CloudFormation has the rule as the template has it: without the sessions that the deploy keeps on their server.
    name: 'the templates are deployed while sessions are waited for',
    draw: (random) => ({
      faults: {
        world: [
          strike(DEPLOYMENT, at('rollTarget', random.pick(['Pin', 'Wait for sessions']), random.whole(2, 40), random.whole(0, 10_000)), 0),
        ],
      },
      needs: 'users',
      succeeds: true,
      quiet: true,
    }),
  },
];
