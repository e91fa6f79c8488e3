import { Session } from '@shopify/shopify-api';
import { RedisSessionStorage } from '@shopify/shopify-app-session-storage-redis';

const storage = new RedisSessionStorage(`redis://127.0.0.1:${process.env.CORPUS_PORT}`);
const shop = 'corpus.myshopify.com';
// The access of the application itself to a shop: it has no end.
await storage.storeSession(
  new Session({ id: `offline_${shop}`, shop, state: '12345', isOnline: false, scope: 'read_products', accessToken: 'shpat_corpus' }),
);
await storage.loadSession(`offline_${shop}`);
process.exit(0);
