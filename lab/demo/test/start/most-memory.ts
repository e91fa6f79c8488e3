/** The most that `npm start` as it is takes at its peak, as docs/local-cloud.md promises: the sum of the resident sets of all processes. */
export const MOST_MB = 1_600;
