import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Tomcat's own, unless the application has another. */
const TOMCAT_COOKIE = 'JSESSIONID';

/** Where Tomcat takes the name from, the strongest first. */
const PLACES = [
  ['webapps/ROOT/META-INF/context.xml', /<Context\s[^>]*\bsessionCookieName\s*=\s*["']([^"']*)["']/],
  ['conf/context.xml', /<Context\s[^>]*\bsessionCookieName\s*=\s*["']([^"']*)["']/],
  ['webapps/ROOT/WEB-INF/web.xml', /<cookie-config>(?:(?!<\/cookie-config>).)*?<name>\s*([^<]*?)\s*<\/name>/s],
] as const;

/**
 * Name of the cookie that carries the session's id, by the files of a release. An application that sets the name by program needs
 * `app.session.cookie`.
 *
 * @param folder the release, with the WAR's content and its configuration
 * @see https://tomcat.apache.org/tomcat-10.1-doc/config/context.html
 */
export async function sessionCookieOf(folder: string): Promise<string> {
  for (const [file, pattern] of PLACES) {
    const text = await readFile(path.join(folder, file), 'utf8').catch(() => '');
    const [, name] = pattern.exec(text.replaceAll(/<!--.*?-->/gs, '')) ?? [];
    if (name) return name;
  }
  return TOMCAT_COOKIE;
}
