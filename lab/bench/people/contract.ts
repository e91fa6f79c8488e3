/** What the benchmark prints of one deploy in which something went wrong. */
export interface PeopleCase {
  readonly name: 'bad-release' | 'store-failure';
  readonly by: 'script' | 'holdfast';
  readonly users: number;
  /** Users who lost their session, or had a request that failed. */
  readonly usersHurt: number;
  readonly requests: number;
  readonly failed: number;
  readonly sessionsLost: number;
  /** Until nothing more was rolled and what was is back; null: every server has the release. */
  readonly secondsUntilStopped: number | null;
  readonly serversWithNew: number;
}
