/** Applications that the canary's makers had not tried: installed by name, each started as its documentation says. */
import path from 'node:path';
import type { Library } from '../../../lab/corpus/library.ts';
import { installPackages } from '../../../lab/corpus/record/install.ts';
import { pathsOf } from '../../../setup/checkout.mjs';
import type { Server } from '../third-party/servers.ts';
import { dokuwiki } from './apps/dokuwiki.ts';
import { flaskAppbuilder } from './apps/flask-appbuilder.ts';
import { mediawiki } from './apps/mediawiki.ts';
import { phpmyadmin } from './apps/phpmyadmin.ts';
import { redmine } from './apps/redmine.ts';
import { wagtail } from './apps/wagtail.ts';

export interface Unseen {
  readonly registry: Library['registry'];
  readonly packages: Library['packages'];
  /** The session's. */
  readonly cookie: string;
  /** How many times as fast the canary's clock goes. @default 8 */
  readonly speed?: number;
  /** @param installed folder of the packages, which stays as it is @param folder for what changes @param passwords by name */
  start(installed: string, folder: string, passwords: Readonly<Record<string, string>>): Promise<readonly Server[]>;
}

export const UNSEEN = { dokuwiki, mediawiki, phpmyadmin, 'flask-appbuilder': flaskAppbuilder, wagtail, redmine } satisfies Readonly<
  Record<string, Unseen>
>;
export type UnseenName = keyof typeof UNSEEN;
export const UNSEEN_NAMES = Object.keys(UNSEEN) as UnseenName[];

/** @returns the folder of its packages */
export async function installUnseen(name: UnseenName): Promise<string> {
  const folder = path.join(pathsOf().state, 'unseen', name);
  const { registry, packages } = UNSEEN[name] as Unseen;
  await installPackages({ name, registry, packages }, folder);
  return folder;
}
