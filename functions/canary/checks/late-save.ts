/** A request that is still running when its session ends must not bring the session back. */
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import { type Check, ifWitnessed, logInAgain, type Run } from '../run.ts';
import type { Who } from '../site/site.ts';

const REPETITIONS = 3;
const SLOW_MS = 60_000;

export interface LateSaveFacts {
  readonly overlapped: boolean;
  /** Whom the id shows afterwards, and whom the cookies that the slow request set. */
  readonly who: readonly Who[];
}

export function judgeLateSave(repetitions: readonly LateSaveFacts[]): Outcome {
  const check = 'late-save-after-logout';
  const times = repetitions.filter(({ overlapped }) => overlapped);
  if (times.some(({ who }) => who.includes('a')))
    return found('revived-by-late-save', 'a request that ended after the log-out has brought the session back');
  if (times.some(({ who }) => who.includes('unclear'))) return unclear(check, 'the site could not answer after the slow request');
  if (times.length === 0) return unclear(check, 'the slow request was over before the log-out: it has to take at least two seconds');
  return holds(check, `no session came back in ${times.length} log-outs during a slow request`);
}

export const lateSave: Check = {
  name: 'late-save-after-logout',
  whyNot({ recipe }) {
    if (recipe.slow === undefined) return 'the recipe has no slow';
    return recipe.logout === undefined ? 'the recipe has no logout' : undefined;
  },
  logins: () => REPETITIONS,
  async run(run) {
    if (run.found.has('alive-after-logout'))
      return [notAsked('late-save-after-logout', 'a log-out ends nothing here, with or without a slow request')];
    if (!run.isLogOutProven)
      return [unclear('late-save-after-logout', 'whether the steps of "logout" log a user out is not known: see replay-after-logout')];
    const repetitions: LateSaveFacts[] = [];
    for (let times = 0; times < REPETITIONS; times += 1) {
      const facts = await logOutDuringSlow(run);
      if (facts === undefined) return [unclear('late-save-after-logout', 'a step of the slow request or of the log-out was refused')];
      repetitions.push(facts);
      // Further errors of the server would end the run, and the result is clear.
      if (facts.who.some((who) => who !== 'nobody')) break;
    }
    return [await ifWitnessed(judgeLateSave(repetitions), await run.witness())];
  },
};

async function logOutDuringSlow(run: Run): Promise<LateSaveFacts | undefined> {
  const visitor = await logInAgain(run);
  const [before, slow] = [visitor.replay(), visitor.replay()];
  const started = await slow.startSlow(SLOW_MS);
  if (started === undefined) return undefined;
  let running = true;
  const [ended, loggedOut] = await Promise.allSettled([
    started.answer.finally(() => {
      running = false;
    }),
    visitor.logOut().then((accepted) => ({ accepted, overlapped: running })),
  ]);
  if (ended.status === 'rejected') throw ended.reason;
  if (loggedOut.status === 'rejected') throw loggedOut.reason;
  const { accepted, overlapped } = loggedOut.value;
  const who = [await before.replay().who(), await slow.replay().who()];
  // What follows a log-out may be refused, and a log-out that was refused itself ends nothing.
  return accepted || !who.includes('a') ? { overlapped, who } : undefined;
}
