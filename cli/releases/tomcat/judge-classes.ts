/** Whether a WAR's classes run in the fleet's Tomcat and Java. Pure. */
import { type ClassFile, SERVLET_APIS, type ServletApi } from './class-file.ts';

/** Classes of one place of a WAR: `WEB-INF/classes`, or a jar in `WEB-INF/lib`. */
export interface ClassPlace {
  readonly place: string;
  readonly isOwn: boolean;
  readonly classes: readonly ClassFile[];
}

/** What Tomcat asks of a class that it runs. */
const PART = /^(?:javax|jakarta)\/servlet\/(?:(?:http\/)?\w*(?:Servlet|Filter|Listener)|ServletContainerInitializer)$/;

const isOfApi = (name: string): boolean => /^(javax|jakarta)\/servlet\//.test(name);
/** A servlet, filter, listener or initializer. The servlet API's own, which some WARs contain and Tomcat leaves out, is none. */
const isPart = ({ name, parents }: ClassFile): boolean => !isOfApi(name) && parents.some((parent) => PART.test(parent));
const apisOf = (classes: readonly ClassFile[]): ReadonlySet<ServletApi> =>
  new Set(classes.flatMap(({ name, servlet }) => (isOfApi(name) ? [] : [...servlet.keys()])));
const dotted = (name: string): string => name.replaceAll('/', '.');

export interface Misfit {
  readonly api: ServletApi;
  /** The class that shows it, and where it is. */
  readonly className: string;
  readonly place: string;
  /** What it names of the API. */
  readonly names: string;
}

/**
 * A class that shows that the WAR is written for the other servlet API than the Tomcat's. A library that has both is a bridge, and
 * one that nobody uses may have the wrong one: of libraries, those count that web.xml names, or all if nothing in the WAR fits.
 *
 * @param declared names of the servlets, filters and listeners in web.xml
 */
export function findMisfit(places: readonly ClassPlace[], api: ServletApi, declared: ReadonlySet<string>): Misfit | undefined {
  const other = SERVLET_APIS.find((one) => one !== api) as ServletApi;
  const misfitIn = ({ place, classes }: ClassPlace, counts: (one: ClassFile) => boolean): Misfit | undefined => {
    const found = classes.find((one) => !isOfApi(one.name) && one.servlet.has(other) && !one.servlet.has(api) && counts(one));
    return found && { api: other, className: dotted(found.name), place, names: dotted(found.servlet.get(other) ?? '') };
  };
  for (const each of places) {
    const found = misfitIn(each, (one) => declared.has(dotted(one.name)) && isPart(one));
    if (found) return found;
  }
  const own = places.filter(({ isOwn }) => isOwn);
  const libraries = places.filter(({ isOwn, classes }) => !isOwn && classes.some(isPart));
  const ownApis = apisOf(own.flatMap(({ classes }) => classes));
  if (ownApis.has(api)) return undefined;
  const fits = libraries.some(({ classes }) => apisOf(classes.filter(isPart)).has(api));
  const judged = ownApis.has(other) ? own : fits ? [] : libraries;
  for (const each of judged) {
    const found = misfitIn(each, (one) => each.isOwn || isPart(one));
    if (found) return found;
  }
  return undefined;
}

export interface TooNew {
  readonly className: string;
  readonly place: string;
  readonly java: number;
}

/**
 * A class that needs a newer Java than the fleet's: one of the WAR's own, or of a library with servlets, filters or listeners all of
 * whose classes do. A library can have some classes for a newer Java, which it loads there alone.
 */
export function findTooNew(places: readonly ClassPlace[], java: number): TooNew | undefined {
  for (const { place, isOwn, classes } of places) {
    if (!isOwn && !(classes.some(isPart) && classes.every((one) => one.java > java))) continue;
    const newest = classes.reduce<ClassFile | undefined>((most, one) => (one.java > (most?.java ?? java) ? one : most), undefined);
    if (newest) return { className: dotted(newest.name), place, java: newest.java };
  }
  return undefined;
}

const FIRST_JAKARTA = 10;
/** The servlet API of a Tomcat by its main version. */
export const apiOf = (tomcat: number): ServletApi => (tomcat >= FIRST_JAKARTA ? 'jakarta.servlet' : 'javax.servlet');
