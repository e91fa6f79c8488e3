/** Applications that the canary's makers had not tried: installed by name, each started as its documentation says. */
import path from 'node:path';
import { installPackages } from '../../../lab/corpus/record/install.ts';
import { pathsOf } from '../../../setup/checkout.mjs';
import { dokuwiki } from './apps/dokuwiki.ts';
import { flaskAppbuilder } from './apps/flask-appbuilder.ts';
import { jspwiki } from './apps/jspwiki.ts';
import { jupyterhub } from './apps/jupyterhub.ts';
import { mediawiki } from './apps/mediawiki.ts';
import { parseDashboard } from './apps/parse-dashboard.ts';
import { phpmyadmin } from './apps/phpmyadmin.ts';
import { redmine } from './apps/redmine.ts';
import { wagtail } from './apps/wagtail.ts';
import { wordpress } from './apps/wordpress.ts';
import { unpackDebian } from './debian-packages.ts';
import type { Unseen } from './unseen-app.ts';

export const UNSEEN = {
  dokuwiki,
  mediawiki,
  phpmyadmin,
  'flask-appbuilder': flaskAppbuilder,
  wagtail,
  redmine,
  jupyterhub,
  'parse-dashboard': parseDashboard,
  jspwiki,
  wordpress,
} satisfies Readonly<Record<string, Unseen>>;
export type UnseenName = keyof typeof UNSEEN;
export const UNSEEN_NAMES = Object.keys(UNSEEN) as UnseenName[];

/** @returns the folder of its packages @throws NotInLists where the registry has none of them, SetupError */
export async function installUnseen(name: UnseenName): Promise<string> {
  const folder = path.join(pathsOf().state, 'unseen', name);
  const { registry, packages } = UNSEEN[name] as Unseen;
  if (registry === 'debian') await unpackDebian(name, packages, folder);
  else await installPackages({ name, registry, packages }, folder);
  return folder;
}
