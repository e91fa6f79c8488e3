/**
 * Sends a signal to every process of a group: to a program that was started as its group's leader, and to everything that
 * the program started.
 *
 * @param {number} pid the leader's process id; 0 and 1 are refused, since they would signal this process's own group or everything
 * @param {NodeJS.Signals | 0} signal 0 only asks whether something of the group runs
 * @returns {boolean} false when nothing of the group runs
 */
export function signalGroup(pid, signal) {
  if (pid <= 1) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
