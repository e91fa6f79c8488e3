package org.apache.catalina.session;

import org.apache.catalina.Session;

public abstract class StandardSession implements Session {
  public native java.security.Principal getPrincipal();

  public native java.util.Enumeration<String> getAttributeNames();

  public native Object getAttribute(String name);

  public native void setAttribute(String name, Object value);
}
