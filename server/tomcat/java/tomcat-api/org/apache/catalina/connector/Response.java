package org.apache.catalina.connector;

import java.io.IOException;
import java.io.PrintWriter;

public class Response {
  public native int getStatus();
  public native boolean isCommitted();
  public native void reset();
  public native void sendError(int status) throws IOException;
  public native void setStatus(int status);
  public native void setContentType(String type);
  public native PrintWriter getWriter() throws IOException;
}
