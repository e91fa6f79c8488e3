/** What is recorded of the previous version's templates, by `test:full -- test/upgrade -u`, and of CloudFormation's resource types. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CreateOnly, type Facts, factsOf, type Templates, userDataOf } from './template-facts.ts';

export const RECORDED_FOLDER = path.join(import.meta.dirname, 'recorded');

interface Recorded {
  readonly facts: Facts;
  readonly userData: Readonly<Record<string, string>>;
}

const read = (name: string) => JSON.parse(readFileSync(path.join(RECORDED_FOLDER, name), 'utf8')) as unknown;

/** From cfn-lint's schemas. */
export const readCreateOnly = (): CreateOnly => read('create-only.json') as CreateOnly;

export const readRecorded = (config: string): Recorded => read(`${config}.json`) as Recorded;

export const recordOf = (templates: Templates, createOnly: CreateOnly): Recorded => ({
  facts: factsOf(templates, createOnly),
  userData: userDataOf(templates),
});
