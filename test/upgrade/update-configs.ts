/** Configurations that the previous version accepts too: a created installation, and one whose parts all existed before. */
import { adopted, BEHIND_A_LISTENER } from '../infra/adopted-configs.ts';
import { AWS_CONFIG } from '../infra/synthesized.ts';

export const UPDATE_CONFIGS = { created: AWS_CONFIG, adopted: adopted(), 'behind-a-listener': adopted(BEHIND_A_LISTENER) } as const;
