import { MORE_CONCURRENCY, whyThrottled } from '../../../functions/deploy/rolls/judge-concurrency.ts';
import { mostAtOnce } from '../../../functions/deploy/rolls/most-at-once.ts';
import { counted } from '../../../functions/shared/counted.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** Whether the account's functions leave room for those of a deploy that works on several servers at once. */
export const checkConcurrency: Check = (facts, { region, settings }) => {
  const unreserved = known(facts.unreservedConcurrency);
  if (unreserved === undefined) return [];
  const atOnce = mostAtOnce(settings.maxParallel, Math.max(1, facts.memberIds.length));
  const about = topic('function-concurrency', region, 'functions of a deploy that Lambda throttles for longer than a minute fail it');
  const why = whyThrottled(atOnce, unreserved);
  return why === undefined
    ? about.ok(`functions without a reservation share ${unreserved} concurrent executions, enough for ${counted(atOnce, 'server')} at once`)
    : about.warning(why, MORE_CONCURRENCY);
};
