/** The files that name a library's packages to its package manager. */
import type { Packages } from '../library.ts';

/** An archive has its libraries inside. */
const ALL = '<exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion>';

export const packageJson = (dependencies: Packages): string => JSON.stringify({ private: true, type: 'module', dependencies });

/** @param packages by `group:artifact`; a version that begins with `bom:` is an import of managed versions, one that ends with ` war` is a whole application */
export function pomXml(packages: Packages): string {
  const dependency = (name: string, version: string, more = '') => {
    const [group, artifact] = name.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>${version && `<version>${version}</version>`}${more}</dependency>`;
  };
  const all = Object.entries(packages);
  const managed = all
    .filter(([, version]) => version.startsWith('bom:'))
    .map(([name, version]) => dependency(name, version.slice(4), '<type>pom</type><scope>import</scope>'));
  // A version that a BOM manages is empty.
  const used = all
    .filter(([, version]) => !version.startsWith('bom:'))
    .map(([name, version]) => {
      const [number = '', kind] = version.split(' ');
      return dependency(name, number, kind && `<type>${kind}</type><exclusions>${ALL}</exclusions>`);
    });
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>corpus</groupId><artifactId>program</artifactId><version>0</version>',
    `<dependencyManagement><dependencies>${managed.join('')}</dependencies></dependencyManagement>`,
    `<dependencies>${used.join('')}</dependencies></project>`,
  ].join('\n');
}

/** @param packages a version can have features: `1.2.3 full,macros` */
export function cargoToml(packages: Packages): string {
  const lines = Object.entries(packages).map(([name, text]) => {
    const [version, features = ''] = text.split(' ');
    const listed =
      features === ''
        ? ''
        : features
            .split(',')
            .map((feature) => `"${feature}"`)
            .join(', ');
    return `${name} = { version = "=${version}", features = [${listed}] }`;
  });
  return [
    '[package]\nname = "program"\nversion = "0.0.0"\nedition = "2021"',
    '[[bin]]\nname = "program"\npath = "main.rs"',
    `[dependencies]\n${lines.join('\n')}\n`,
  ].join('\n');
}
