package org.redisson.tomcat;

import java.util.Map;
import org.apache.catalina.session.StandardSession;

public class RedissonSession extends StandardSession {
  public RedissonSession(
      RedissonSessionManager manager,
      RedissonSessionManager.ReadMode readMode,
      RedissonSessionManager.UpdateMode updateMode,
      boolean broadcastSessionEvents,
      boolean broadcastSessionUpdates) {}

  public void startUsage() {}

  public void endUsage() {}

  public void load(Map<String, Object> attributes) {}
}
