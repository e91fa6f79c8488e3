/** States and Catches that no run can reach, by `state MACHINE/STATE` or `catch MACHINE/STATE`, with the reason. */
export const UNREACHABLE: Readonly<Record<string, string>> = {};
