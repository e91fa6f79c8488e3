/** Members of Spring Session's index of users. Pure. */

/**
 * Behind the namespace: `index:org.springframework.session.…PRINCIPAL_NAME_INDEX_NAME:<user>`, or
 * `sessions:index:PRINCIPAL_NAME_INDEX_NAME:<user>`. The first one counts: a user can choose a name that looks like the rest.
 */
const INDEX = /^(.*?)(?:sessions:)?index:[\w.]*PRINCIPAL_NAME_INDEX_NAME:/s;
/**
 * A session's id in Spring's index: JDK-serialised (with a header of seven bytes), JSON, or plain. Most are UUIDs; an application can have a
 * generator of its own, and a route behind the id. What the JDK has serialised, in base64, is no id.
 */
function memberId(member: string): string | undefined {
  const isJdk = member.startsWith('\xac\xed\x00\x05t');
  if (isJdk && member.charCodeAt(5) * 256 + member.charCodeAt(6) !== member.length - 7) return undefined;
  const id = isJdk ? member.slice(7) : member.replace(/^"(.*)"$/s, '$1');
  return /^(?!rO0AB)[\w-]{16,128}(?:\.[\w-]{1,64})?$/.test(id) ? id : undefined;
}
/** The key of the session whose id a member of an index is. */
export function sessionOf(key: string, member: string): string | undefined {
  const id = memberId(member);
  const namespace = INDEX.exec(key)?.[1];
  return id === undefined || namespace === undefined ? undefined : `${namespace}sessions:${id}`;
}
