package org.apache.catalina.connector;

import org.apache.catalina.Context;
import org.apache.catalina.Session;

public class Request {
  public native Context getContext();
  public native String getDecodedRequestURI();
  public native String getHeader(String name);
  public native String getMethod();
  public native String getQueryString();
  public native String getRemoteAddr();
  public native String getRequestedSessionId();
  public native Session getSessionInternal(boolean create);
  public native boolean isAsync();
  public native boolean isRequestedSessionIdFromURL();
  public native Object getNote(String name);
  public native void setNote(String name, Object value);
  public native void removeNote(String name);
}
