/** What stands there with any such fleet, Holdfast or not, at its list price: load balancer, store, servers. Pure. */
import { ASSUMED, HOURS_A_MONTH } from './assumptions.ts';
import type { ResourceCounts } from './count-resources.ts';
import { PRICES, type Price, serverPrice, storeNodePrice } from './price-list.ts';
import { type CostLine, lineOf } from './price-usage.ts';
import type { Fleet } from './read-fleet.ts';

/** Metrics that EC2 charges for with detailed monitoring. */
const DETAILED_METRICS = 7;

/** @param store counts of the store's own stack */
export function priceBeside({ instances, loadBalancers, stores }: Fleet, servers: number, store: ResourceCounts): CostLine[] {
  const addresses =
    (instances.publicAddress ? servers : 0) + loadBalancers.filter((one) => one.public).reduce((sum, { subnets }) => sum + subnets, 0);
  const balancers = loadBalancers.length;
  const lines = [
    lineOf('beside', 'load balancer', hours(balancers, 'load balancer'), PRICES.loadBalancer),
    lineOf('beside', 'load balancer capacity', hours(balancers * ASSUMED.capacityUnits, 'LCU'), PRICES.capacityUnit, 'grows with traffic'),
    ...stores.map(({ nodeType, engine, nodes }) =>
      pricedOrNot('store nodes', nodes, `hours of ${nodeType} (${engine})`, storeNodePrice(nodeType, engine)),
    ),
    lineOf('beside', 'store key', { value: store.keys, arithmetic: '' }, PRICES.key),
    lineOf('beside', 'store secret', { value: store.secrets, arithmetic: '' }, PRICES.secret),
    pricedOrNot('servers', servers, `hours of ${instances.type}`, serverPrice(instances.type)),
    lineOf(
      'beside',
      'server volumes',
      { value: servers * instances.volumeGigabytes, arithmetic: `${servers} servers × ${instances.volumeGigabytes} GB` },
      PRICES.volume,
    ),
    lineOf(
      'beside',
      'public IPv4 addresses',
      hours(addresses, 'address'),
      PRICES.publicAddress,
      'servers, and the load balancer in each zone',
    ),
    lineOf(
      'beside',
      'servers, detailed monitoring',
      {
        value: instances.detailedMonitoring ? servers * DETAILED_METRICS : 0,
        arithmetic: `${servers} servers × ${DETAILED_METRICS}`,
      },
      PRICES.customMetric,
      'the launch template asks for it; nothing of Holdfast reads these metrics',
    ),
  ];
  return lines.filter(({ quantity }) => quantity > 0);
}

const hours = (count: number, what: string) => ({ value: count * HOURS_A_MONTH, arithmetic: `${count} × ${HOURS_A_MONTH} h of ${what}` });

/** A type that the list does not have is shown without a price rather than with a wrong one. */
function pricedOrNot(item: string, count: number, unit: string, price: Price | undefined): CostLine {
  const quantity = hours(count, item);
  if (price) return lineOf('beside', item, quantity, price);
  return {
    item,
    category: 'beside',
    quantity: quantity.value,
    unit,
    unitPrice: null,
    monthly: null,
    arithmetic: `${quantity.arithmetic}, ${unit}`,
    note: 'not in the price list: left out of the sum',
  };
}
