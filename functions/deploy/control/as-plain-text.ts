/** Characters of each text: both together with the states of some thousand targets stay below an event's 256 KB. */
export const LONGEST_TEXT = 8_000;

/**
 * A rule's input template inserts values into a quoted text unescaped: a quote, a backslash or a line break in one would
 * break it, and the message would be lost.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function asPlainText(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, LONGEST_TEXT);
}
