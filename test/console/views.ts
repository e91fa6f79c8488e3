/** Every view of the console, and how it is looked at. */

export const VIEWS: readonly (readonly [view: string, name: string, shows: string])[] = [
  ['overview', 'overview', 'h2:has-text("What to do next")'],
  ['dashboards/holdfast-sessions', 'sessions', '[data-drawn="holdfast-sessions"]'],
  ['dashboards/kinds', 'kinds', '[data-drawn="kinds"]'],
  ['deploys', 'deploys', 'h2:has-text("History")'],
  ['deploys/c0ffee12-running', 'deploy-running', 'h2:has-text("Servers")'],
  ['deploys/7f00ba44-failure', 'deploy-failed', 'h2:has-text("Servers")'],
  ['store', 'store', 'h2:has-text("Sweeps")'],
  ['store/sweeps/5eeb0002-dry', 'sweep', 'h2:has-text("Keys by size")'],
  ['alarms', 'alarms', 'table'],
  ['incidents', 'incidents', 'h2:has-text("Faults on demand")'],
  ['incidents/inc-0123456789ab', 'incident', 'h2:has-text("What to do now")'],
  ['incidents/inc-00000000aaaa', 'incident-unknown', 'summary:has-text("Not read")'],
  ['canary', 'canary', 'h2:has-text("Results")'],
  ['runbook/deploy-failed', 'runbook', 'text=What Holdfast does.'],
  ['docs/canary-schedule', 'docs', 'h2:has-text("Where is the result?")'],
  ['cloud', 'cloud', 'h2:has-text("Not emulated")'],
];

const APPEARANCES = [
  ['light', 1_280],
  ['dark', 1_280],
  ['light', 420],
] as const;

/** The views take turns with the appearances; a full run looks at every view in each. */
export const appearancesOf = (name: string, full: boolean) =>
  APPEARANCES.filter((_, index) => full || index === VIEWS.findIndex(([, own]) => own === name) % APPEARANCES.length);
