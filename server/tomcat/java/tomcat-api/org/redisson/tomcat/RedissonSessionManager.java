package org.redisson.tomcat;

import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Manager;
import org.apache.catalina.Session;
import org.redisson.api.RMap;
import org.redisson.api.RTopic;
import org.redisson.api.RedissonClient;

public class RedissonSessionManager implements Manager {
  public enum ReadMode {
    REDIS
  }
  public enum UpdateMode {
    DEFAULT
  }
  protected java.util.Map<String, Session> sessions;
  @Override public native Session createSession(String sessionId);
  @Override public native Session[] findSessions();
  @Override public native Session findSession(String id) throws java.io.IOException;
  public native Context getContext();
  public native String getNodeId();
  public native String getReadMode();
  public native String getUpdateMode();
  public native boolean isBroadcastSessionEvents();
  public native boolean isBroadcastSessionUpdates();
  public native RMap<String, Object> getMap(String sessionId);
  public native RTopic getTopic();
  public native RedissonClient getRedisson();
  public native String getTomcatSessionKeyName(String sessionId);
  public native void superRemove(Session session);
  public Session createEmptySession() {
    return null;
  }
  protected void startInternal() throws LifecycleException {}
  protected void stopInternal() throws LifecycleException {}
}
