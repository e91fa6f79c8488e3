package org.apache.catalina.valves;

import java.io.IOException;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;

public abstract class ValveBase implements Valve {
  public ValveBase() {}
  public ValveBase(boolean asyncSupported) {}
  public native Valve getNext();
}
