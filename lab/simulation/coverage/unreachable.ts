const NO_PAGE =
  'no simulated release has a session.page, and a target without one calls no function for it: test/e2e/sticky-drain.full.test.ts';

/** States and Catches that no run can reach, by `state MACHINE/STATE` or `catch MACHINE/STATE`, with the reason. */
export const UNREACHABLE: Readonly<Record<string, string>> = {
  'state rollTarget/Session cookie': NO_PAGE,
  'state rollTarget/Session cookie: done?': NO_PAGE,
  'catch rollTarget/Session cookie': NO_PAGE,
};
