/** `Users are logged out because … since 03:12 UTC`; with the date if it is another day. Pure. */
export function sentenceSince(what: string, sinceMs: number, nowMs: number): string {
  const [since, now] = [new Date(sinceMs).toISOString(), new Date(nowMs).toISOString()];
  const day = since.slice(0, 10);
  const time = since.slice(11, 16);
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}, since ${day === now.slice(0, 10) ? '' : `${day} `}${time} UTC`;
}
