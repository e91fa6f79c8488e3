import type { Cloud } from './cloud.ts';

/** What a printed command needs to reach the same fleet again. */
export const optionsOf = ({ fleet, local, region, installation }: Pick<Cloud, 'fleet' | 'local' | 'region' | 'installation'>): string =>
  `--fleet ${fleet}${local ? '' : ` --region ${region} --installation ${installation}`}`;
