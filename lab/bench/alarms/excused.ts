/** What must fire and does not, with the reason in docs/monitoring.md. */
export const EXCUSED: readonly string[] = ['memory-loses-all-once', 'memory-loses-30-percent'];
