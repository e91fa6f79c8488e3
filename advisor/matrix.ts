/** The strategy selection matrix, verbatim: which session strategy suits which condition. Data only. */

/** Where sessions are stored: in one server's memory, in the memory of every server of a Tomcat cluster, or in the session store. */
export const STRATEGIES = ['sticky', 'tomcat-cluster', 'redis'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** The headings of the matrix. */
export const STRATEGY_NAMES: Readonly<Record<Strategy, string>> = {
  sticky: 'Sticky Session',
  'tomcat-cluster': 'Tomcat Cluster',
  redis: 'Redis Session',
};

export type Rating = 'Required' | 'Best' | 'Recommended' | 'Possible' | 'Over-engineering' | 'Caution' | 'Difficult' | 'Not recommended';

export const MATRIX = [
  { condition: '2 or fewer servers', sticky: 'Best', 'tomcat-cluster': 'Possible', redis: 'Over-engineering' },
  { condition: '3~5 servers', sticky: 'Possible', 'tomcat-cluster': 'Best', redis: 'Recommended' },
  { condition: '5+ servers', sticky: 'Not recommended', 'tomcat-cluster': 'Not recommended', redis: 'Required' },
  { condition: 'Cloud/Kubernetes', sticky: 'Not recommended', 'tomcat-cluster': 'Difficult', redis: 'Required' },
  { condition: 'Legacy app (no code changes)', sticky: 'Best', 'tomcat-cluster': 'Possible', redis: 'Difficult' },
  { condition: 'HA is top priority', sticky: 'Not recommended', 'tomcat-cluster': 'Possible', redis: 'Best' },
  { condition: 'Large session data (1KB+)', sticky: 'Possible', 'tomcat-cluster': 'Not recommended', redis: 'Best' },
  { condition: 'Zero-downtime deployment', sticky: 'Caution', 'tomcat-cluster': 'Caution', redis: 'Best' },
] as const satisfies readonly ({ readonly condition: string } & Readonly<Record<Strategy, Rating>>)[];

export type Row = (typeof MATRIX)[number];
export type Condition = Row['condition'];

export const CONCLUSION = {
  ofNew: 'Start with Redis for new projects.',
  ofExisting: 'For existing systems, migrate gradually based on scale.',
} as const;

/** A row, quoted for one sentence. */
export const quoteRow = (row: Row): string =>
  `"${row.condition}" (${STRATEGIES.map((strategy) => `${STRATEGY_NAMES[strategy]}: ${row[strategy]}`).join(', ')})`;
