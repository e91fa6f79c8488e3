/**
 * A PATH without the programs of npm packages: npm and npx put those of the checkout first, and a release that starts one of them ends on AWS
 * with "not found". Pure.
 */
export const programsPath = (path = ''): string =>
  path
    .split(':')
    .filter((folder) => folder.startsWith('/') && !folder.split('/').includes('node_modules'))
    .join(':') || '/usr/bin:/bin';
