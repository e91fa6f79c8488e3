/** Rare turns that runs have to take now and then, and how they show. */

/** By a state, `MACHINE/STATE`, or by the branch from one to another, `MACHINE/STATE → STATE`. */
export const RARE_STATES: Readonly<Record<string, string>> = {
  'deploy/Room for another? → Session store': 'a target was begun next to another one',
  'cleanUp/Room for another? → Next target': 'a target went back next to another one',
  'deploy/Wait for targets': 'a look at the targets in flight paused',
  'deploy/Begin nothing more': 'a step of the deploy itself failed between targets',
  'deploy/Wait for newcomer': 'a deploy waited for an instance that came',
  'deploy/Wait for outdated newcomer': 'an instance came with the old release after the promotion',
  'deploy/Newcomers? → Suspend Auto Scaling': 'a newcomer was rolled after the promotion',
  'deploy/Failed over meanwhile? → Settle': 'an alarm was the failover’s',
  'deploy/Announce pause': 'a deploy stopped after its first targets',
  'deploy/Failed, not cleaned up': 'a deploy ended without its clean-up',
  'rollTarget/Bake again': 'a bake was repeated after a failover',
  'rollTarget/Wait for store': 'a bake waited for the store',
  'cleanUp/Anything to clean up? → Report': 'a clean-up was overtaken by a later deploy',
  'cleanUp/Wait for healthy targets': 'a clean-up waited for the minimum',
  'launch/Still current? → Prepare': 'a launch was repeated after a promotion',
  'launch/Wait for the agent': 'an agent came after the release',
  'launch/Abandon': 'a launch was abandoned',
};

/** Where a bad release shows, by where it is bad. */
export const SHOWS_AT: Readonly<Record<string, string>> = {
  checksum: 'rollTarget/Install: check',
  download: 'rollTarget/Install: check',
  start: 'rollTarget/Install: check',
  ready: 'rollTarget/Readiness: check',
  loadBalancer: 'rollTarget/Wait healthy',
  bake: 'rollTarget/Bake: check',
  people: 'rollTarget/Bake: check',
  hook: 'rollTarget/Install: check',
  lateHook: 'rollTarget/AfterAllowTraffic',
  stop: 'rollTarget/BeforeBlockTraffic',
  differs: 'rollTarget/Prepare',
  smuggled: 'rollTarget/Install',
  settle: 'deploy/Settle',
};
