/** What an update of the stacks would replace, take away, or be refused for. Pure. */
import { type Facts, intrinsicsIn, type ResourceFacts, type StackFacts } from './template-facts.ts';

/** @returns a sentence for each; none when the update changes every resource in its place */
export function findBreaks(before: Facts, after: Facts): string[] {
  return Object.entries(before).flatMap(([stack, was]) => {
    const is = after[stack];
    if (is === undefined) return [`stack ${stack} is gone`];
    const replaced = replacedIn(was, is);
    return [
      ...[...replaced].map(([id, why]) => `${stack}: ${was.resources[id]?.type} ${id} ${why}`),
      ...brokenExports(before, was, is, new Set(replaced.keys())).map((text) => `${stack}: ${text}`),
    ];
  });
}

/** Each resource that CloudFormation would delete, or delete and create again, and why. */
function replacedIn(was: StackFacts, is: StackFacts): Map<string, string> {
  const replaced = new Map<string, string>();
  for (const [id, resource] of Object.entries(was.resources)) {
    const now = is.resources[id];
    const why = now === undefined ? 'is gone, or has another logical id' : changeOf(resource, now);
    if (why !== undefined) replaced.set(id, why);
  }
  // What names a replaced resource in such a property is replaced as well, and so on.
  for (let found = true; found; ) {
    found = false;
    for (const [id, { createOnly }] of Object.entries(was.resources)) {
      const cause = replaced.has(id) ? undefined : referencesOf(createOnly).find((other) => replaced.has(other));
      if (cause === undefined) continue;
      replaced.set(id, `is replaced, because ${cause} is`);
      found = true;
    }
  }
  return replaced;
}

function changeOf(was: ResourceFacts, is: ResourceFacts): string | undefined {
  if (was.type !== is.type) return `becomes ${is.type}`;
  const paths = new Set([...Object.keys(was.createOnly), ...Object.keys(is.createOnly)]);
  const changed = [...paths].filter((path) => !isSame(was.createOnly[path], is.createOnly[path]));
  return changed.length === 0 ? undefined : `is replaced: only a creation can set ${changed.join(', ')}`;
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Logical ids. */
const referencesOf = (value: unknown): string[] => [
  ...intrinsicsIn(value, 'Ref').map(String),
  ...intrinsicsIn(value, 'Fn::GetAtt').map((attribute) => String(Array.isArray(attribute) ? attribute[0] : attribute).split('.')[0] ?? ''),
];

/** CloudFormation neither deletes nor changes an export that another stack imports, whose update comes later. */
function brokenExports(before: Facts, was: StackFacts, is: StackFacts, replaced: ReadonlySet<string>): string[] {
  return Object.entries(was.exports).flatMap(([name, value]) => {
    const importers = Object.keys(before).filter((stack) => before[stack]?.imports.includes(name));
    if (importers.length === 0) return [];
    const by = `which ${importers.join(', ')} imports`;
    if (!(name in is.exports)) return [`the export ${name} is gone, ${by}`];
    const changes = !isSame(value, is.exports[name]) || referencesOf(value).some((id) => replaced.has(id));
    return changes ? [`the export ${name} changes, ${by}`] : [];
  });
}
