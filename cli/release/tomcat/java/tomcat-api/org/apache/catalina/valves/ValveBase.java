package org.apache.catalina.valves;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;

public abstract class ValveBase {
  public abstract void invoke(Request request, Response response) throws IOException;
}
