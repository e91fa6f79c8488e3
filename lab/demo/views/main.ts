/** The console in the browser, with the views that the local cloud alone has. */
import { start } from '../../../console/browser/main.ts';
import { cloudView } from './cloud-view.ts';
import { faultsPart } from './faults-view.ts';

void start({ sections: [['cloud', 'Local cloud', cloudView]], belowIncidents: faultsPart });
