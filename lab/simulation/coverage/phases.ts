/** Phases of a deploy, coarse, for counting which faults met which of them. */
const ROLLING: readonly (readonly [prefix: string, phase: string])[] = [
  ['Is it prepared', 'preparing'],
  ['Prepare', 'preparing'],
  ['Deregister', 'draining'],
  ['Drain', 'draining'],
  ['Install', 'installing'],
  ['Readiness', 'checkingReadiness'],
  ['Is a cookie read', 'checkingReadiness'],
  ['Session cookie', 'checkingReadiness'],
  ['Register', 'registering'],
  ['Wait healthy', 'registering'],
  ['Put back', 'putting back'],
  ['Target', 'putting back'],
];
const SETTLING = /^(Resume|Begin settling|Settle|Was it the store|Check store after alarm|Failed over)/;
const FINISHING = /^(Promote|Check for newcomers|Wait for outdated|Newcomers|Release lock|Report|Deployed)/;
const BEGINNING = /^(Take input|Validate|Acquire lock|Pin documents|Plan|Preflight|Suspend)/;

/** @returns undefined for machines that are no part of a deploy */
export function phaseOf(machine: string, state: string): string | undefined {
  switch (machine) {
    case 'deploy':
      if (BEGINNING.test(state)) return 'beginning';
      if (SETTLING.test(state)) return 'settling';
      return FINISHING.test(state) ? 'finishing' : 'between targets';
    case 'rollTarget':
      return ROLLING.find(([prefix]) => state.startsWith(prefix))?.[1] ?? 'baking';
    case 'cleanUp':
      return 'cleaning up';
    default:
      return undefined;
  }
}
