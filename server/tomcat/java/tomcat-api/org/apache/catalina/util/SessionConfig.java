package org.apache.catalina.util;

import org.apache.catalina.Context;

public class SessionConfig {
  private SessionConfig() {}
  public static native String getSessionCookieName(Context context);
}
