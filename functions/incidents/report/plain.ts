/** Text from elsewhere, made fit for a report: one line, of a bounded length, without a name of a person. Pure. */

const MAX_CHARACTERS = 600;
/** Session names are often e-mail addresses: the role is enough. */
const SESSION_NAME = /(arn:aws[\w-]*:sts::\d{12}:assumed-role\/[\w+=,.@-]+)\/[\w+=,.@-]+/g;
const ADDRESS = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g;

/** A text as one line without control characters, addresses and session names; what is longer than 600 characters is cut. */
export function plain(text: string): string {
  const line = withoutPeople(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a text from elsewhere must not steer the terminal
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim();
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS - 1)}…` : line;
}

/** `arn:aws:sts::123456789012:assumed-role/Operator/jane@example.com` without its session's name. */
const withoutPeople = (text: string): string => text.replaceAll(SESSION_NAME, '$1').replaceAll(ADDRESS, '(address)');
