/** A line of the application's log, with its time: an incident's runbook counts the lines of an hour. */
export const print = (text) => console.log(`${new Date().toISOString()} ${text}`);
export const printError = (text) => console.error(`${new Date().toISOString()} ${text}`);
