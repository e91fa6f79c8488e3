/** Text from elsewhere, made fit for a report: one line, of a bounded length, without a name of a person. Pure. */

const MAX_CHARACTERS = 600;
/** Session names are often e-mail addresses: the role is enough. */
const SESSION_NAME = /(arn:aws[\w-]*:sts::\d{12}:assumed-role\/[\w+=,.@-]+)\/[\w+=,.@-]+/g;
const ADDRESS = /[\w.+-]+@[\w-]+(\.[\w-]+)+/g;

/** As collectors write it. */
const ISO_TIME = /\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z/g;

/** A text as one line without characters that control or format, addresses and session names; what is longer than 600 characters is cut. */
export function plain(text: string): string {
  const line = withoutPeople(text)
    // A text from elsewhere must neither steer the terminal nor turn the direction of what follows.
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replaceAll(ISO_TIME, '$1 $2 UTC')
    .trim();
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS - 1)}…` : line;
}

/** `arn:aws:sts::123456789012:assumed-role/Operator/jane@example.com` without its session's name. */
const withoutPeople = (text: string): string => text.replaceAll(SESSION_NAME, '$1').replaceAll(ADDRESS, '(address)');
