import type { Finding } from '../contract/causes.ts';
import type { Place } from './row.ts';
import { rowOf } from './table.ts';

/** What a person does now about a finding, in sentences with commands that work as printed. Pure. */
export function whatToDo(finding: Finding, place: Place): readonly string[] {
  const options = optionsOf(place);
  if (finding.verdict === 'cause') return rowOf(finding.cause)?.now(place, finding.about ?? {}, options) ?? [];
  if (finding.verdict === 'nothing') return [`Look at the fleet if users still complain: \`npx holdfast status ${options}\`.`];
  return [
    `Look at what is missing, and at the state of the fleet and the store: \`npx holdfast status ${options}\`, \`npx holdfast store ${options}\`.`,
  ];
}

/** Of each command of Holdfast: without a Region, it is for the local cloud. */
const optionsOf = ({ fleet, region, installation, local }: Place): string =>
  [...(fleet ? [`--fleet ${fleet}`] : []), ...(local ? [] : [`--region ${region} --installation ${installation}`])].join(' ');
