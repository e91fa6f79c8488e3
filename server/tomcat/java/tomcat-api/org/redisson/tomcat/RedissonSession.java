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
  public void access() {}
  public void superAccess() {}
  public void endAccess() {}
  public void superEndAccess() {}
  protected void expireSession() {}
  public void setId(String id, boolean notify) {}
  public void setNew(boolean value) {}
  public void startUsage() {}
  public void endUsage() {}
  public void delete() {}
  public void load(Map<String, Object> attributes) {}
}
