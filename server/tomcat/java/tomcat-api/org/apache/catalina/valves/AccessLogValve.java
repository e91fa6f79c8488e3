package org.apache.catalina.valves;

import java.io.CharArrayWriter;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;

public class AccessLogValve extends ValveBase {
  public native String getDirectory();
  public native String getPrefix();
  public native String getSuffix();
  public native void setRotatable(boolean rotatable);
  public native void setBuffered(boolean buffered);
  public native boolean rotate(String newFileName);
  public native void log(CharArrayWriter message);
  public native void log(Request request, Response response, long time);
  @Override public native void invoke(Request request, Response response) throws IOException;
}
