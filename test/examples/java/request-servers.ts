/** Servers of the shop with pages whose requests of one session meet. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CartServers, cartServers, exampleTomcat } from './cart-servers.ts';
import { compileClasses } from './compile-classes.ts';

const SOURCES = path.join(import.meta.dirname, '../session-requests');
const WEB_XML = `<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
  <servlet><servlet-name>page</servlet-name><jsp-file>/page.jsp</jsp-file><async-supported>true</async-supported></servlet>
  <servlet-mapping><servlet-name>page</servlet-name><url-pattern>/page</url-pattern></servlet-mapping>
</web-app>`;

export async function requestServers(): Promise<CartServers> {
  const tomcat = await exampleTomcat();
  const classes = compileClasses(path.join(SOURCES, 'shop'), tomcat.home);
  return cartServers(tomcat, { ...classes, 'WEB-INF/web.xml': WEB_XML, 'page.jsp': readFileSync(path.join(SOURCES, 'page.jsp')) });
}
