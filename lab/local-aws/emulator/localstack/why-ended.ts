/** Why LocalStack ended while it started, by the end of its log. Pure. */

/** Known causes, each with what to do. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /LOCALSTACK_AUTH_TOKEN|License activation failed/,
    'this release needs a token: set LOCALSTACK_AUTH_TOKEN to yours, or use 4.14.0, the last release that needs none',
  ],
  [
    /Port \d+ is taken by another program|address already in use/i,
    'another program took its port before it could listen there: start again, which takes another port',
  ],
];

/** How much of the end of a log is about the end. */
const LINES = 40;

/** A sentence without a full stop. @param logFile where `log` is from */
export function whyEnded(log: string, logFile: string): string {
  const lines = log.trim().split('\n').slice(-LINES);
  const known = CAUSES.find(([pattern]) => lines.some((line) => pattern.test(line)));
  return known?.[1] ?? `${lines.at(-1) || '(no output)'}: see its log, ${logFile}`;
}
