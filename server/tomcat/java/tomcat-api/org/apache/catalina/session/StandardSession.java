package org.apache.catalina.session;

import org.apache.catalina.Session;

public class StandardSession implements Session {
  protected java.util.concurrent.ConcurrentMap<String, Object> attributes;
  protected boolean isNew;
  protected String id;
  protected String authType;
  protected java.security.Principal principal;
  public native Object getAttribute(String name);
  public native void setAttribute(String name, Object value);
  public native void setAttribute(String name, Object value, boolean notify);
  protected native void removeAttributeInternal(String name, boolean notify);
  protected native boolean isValidInternal();
  @Override public native void addSessionListener(org.apache.catalina.SessionListener listener);
  @Override public native String getIdInternal();
  @Override public native boolean isValid();
  @Override public native void setMaxInactiveInterval(int interval);
  @Override public native void expire();
  @Override public native long getCreationTimeInternal();
  @Override public native long getThisAccessedTimeInternal();
  @Override public native long getLastAccessedTimeInternal();
  @Override public native int getMaxInactiveInterval();
  @Override public native Object getNote(String name);
  @Override public native void setNote(String name, Object value);
  @Override public native void removeNote(String name);
}
