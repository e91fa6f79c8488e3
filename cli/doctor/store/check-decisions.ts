import { type StoreCheck, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** Whether a sweep waits for somebody to decide about sessions without a TTL. Nothing else reports it: no alarm fires for what waits. */
export const checkDecisions: StoreCheck = (facts, { sweepPolicies, recordsTable }) => {
  const open = known(facts.openDecisions);
  const sweep = topic('sweep-decision', recordsTable, 'sessions without a TTL stay in the store until its memory is full');
  if (open?.length === 0) return sweep.ok('no sweep waits for a decision about sessions without a TTL');
  return (open ?? []).map(({ dialect, sessions, withoutTtl, setting }) => {
    const what = `${withoutTtl} of ${sessions} sessions of ${dialect} have no TTL, and the last sweep left them for you to decide`;
    // Deployed or not: the next sweep reads the deployed one.
    if (dialect in sweepPolicies)
      return sweep.notice(
        `${what}; ${setting} is "${sweepPolicies[dialect]}" by now`,
        'deploy the configuration, if that is not done: the next sweep follows it',
      );
    return sweep.warning(what, `set ${setting} to "expire", which gives each the rest of its life, or to "report", which keeps them`);
  });
};
