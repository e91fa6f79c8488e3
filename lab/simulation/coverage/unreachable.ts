const NO_PROBE =
  'no simulated release has a session.probe, and a target without one calls no function for it: test/e2e/session-probe.full.test.ts';

/** States and Catches that no run can reach, by `state MACHINE/STATE` or `catch MACHINE/STATE`, with the reason. */
export const UNREACHABLE: Readonly<Record<string, string>> = {
  'state rollTarget/Session probe': NO_PROBE,
  'state rollTarget/Session probe: done?': NO_PROBE,
  'catch rollTarget/Session probe': NO_PROBE,
};
