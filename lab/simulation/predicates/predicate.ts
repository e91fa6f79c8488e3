/** What holds in every run, by the names that plants and violations state. */
export const PREDICATES = {
  S1: 'a request fails only because of an injected fault of its server, or of a bad release in its bake',
  S2: 'a healthy target is taken out only while at least the minimum of others stays healthy that are not in flight, or with recover',
  S3: 'changes happen in the order of fencing tokens; those of an older token at most for the time of stray calls, and before a newer one changes anything',
  S4: 'a target is registered only with a release that passed its readiness check in this roll, or with the one before',
  S5: 'Auto Scaling terminates no touched instance that is alive',
  S6: 'only the holder of the lock moves the current version, and never to that of an older token',
  S7: 'an acknowledged session write stays readable, but for the lag of an injected failover',
  S8: 'Auto Scaling is resumed only once no target that the clean-up has registered is draining, or the time for it is up',
  S9: 'a session in the memory of a server that serves is served by it, and ends with it only once its deploy has waited and says so',
  S10: 'no more servers are in flight than maxParallel allows, of a deploy as of its rollback',
  S11: 'a deploy begins nothing once a target has failed',
  S12: 'no zone is left without a healthy target while one that is in flight comes back there',
  S13: 'a deploy that stops after its first targets begins no other one, and promotes nothing, before it is continued; where sessions are waited for it begins none',
  S14: 'the drain rule takes no request of another service, whatever its cookies are',
  S15: 'a server on which a release turned people away, or broke their pages, is done only where the deploy expects it',
  S16: 'no deploy stops for people whose release does not hurt them',
  S17: 'a server serves with exactly the files of one bundle, whose scripts have ended and whose application runs',
  S18: 'scripts that stop a bundle are those of the one whose Install ended last on the server',
  S19: 'an adoption takes nothing out of service, stops nothing, runs no script and believes no server unasked; one that fails changes nothing',
  S20: 'no script runs on a server whose fleet’s own document does not permit it',
  F1: 'no execution runs',
  F2: 'the lock is free or its lease is over, and no deploy is open',
  F3: 'the processes that are suspended are those from before and the operator’s',
  F4: 'no command is pending',
  F5: 'the drain rule takes no session and the drain group is empty',
  F6: 'the record is true: versions, phases, outcome',
  F7: 'the records of instances name the releases that are on them, and what is out of service is reported',
  L1: 'without faults a good release succeeds',
  L2: 'faults that are shorter than Retry do not fail a deploy',
  L3: 'a bad release or an abort is rolled back where that is possible',
  L4: 'the next deploy without faults succeeds',
  L5: 'everything is tidy within the bound',
} as const;

export type PredicateId = keyof typeof PREDICATES;

export interface Violation {
  readonly predicate: PredicateId;
  /** Since the run's beginning, milliseconds. */
  readonly atMs: number;
  /** What was found, in one sentence. */
  readonly text: string;
}
