import { access } from 'node:fs/promises';
import path from 'node:path';
import { InvalidRelease } from '../release-errors.ts';

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/**
 * Refuses what would only show on the first server, after its drain.
 *
 * @param folder the WAR's content
 * @throws InvalidRelease
 */
export async function checkWar(war: string, folder: string): Promise<void> {
  const name = JSON.stringify(war);
  if (await exists(path.join(folder, 'META-INF', 'MANIFEST.MF'))) {
    if (await exists(path.join(folder, 'BOOT-INF'))) {
      throw new InvalidRelease(`${name} is an executable Spring Boot jar and not a WAR: publish a folder with it (docs/spring.md).`);
    }
  }
  if (await exists(path.join(folder, 'META-INF', 'application.xml'))) {
    throw new InvalidRelease(`${name} is an EAR: publish the WAR in it, since Tomcat runs no EAR.`);
  }
  if (
    (await exists(path.join(folder, 'WEB-INF'))) ||
    (await exists(path.join(folder, 'index.html'))) ||
    (await exists(path.join(folder, 'index.jsp')))
  ) {
    return;
  }
  throw new InvalidRelease(
    `${name} has neither WEB-INF nor an index page at its root, so it is not a web application: publish the .war that your build made.`,
  );
}
