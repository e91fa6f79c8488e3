package org.redisson.api;

import org.redisson.client.codec.Codec;

public interface RedissonClient {
  <K, V> RMap<K, V> getMap(String name, Codec codec);
  RScript getScript(Codec codec);
}
