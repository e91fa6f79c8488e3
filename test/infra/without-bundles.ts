/**
 * Set-up of the quick tests: templates are the same whatever is in a bundle, and bundling every function takes seconds in each file.
 * A test that reads bundles says `vi.unmock('../../infra/constructs/bundle-function.ts')`.
 */
import { vi } from 'vitest';

vi.mock('../../infra/constructs/bundle-function.ts', () => import('../../lab/simulation/installation/no-bundle.ts'));
