/**
 * Memory of the sweep's function, which decides its share of a core: 0.58 of one. A sweep that reads from a replica at full speed
 * is limited by the function at 512 MB and by the store at 1,024 MB; up to there it costs the same, since half the share takes
 * twice the time (`npm run bench:sweep -- --cases holdfast-acl-tls,holdfast-lambda-share`, docs/internals/benchmarks.md).
 */
export const SWEEPER_MEMORY_MEGABYTES = 1_024;
