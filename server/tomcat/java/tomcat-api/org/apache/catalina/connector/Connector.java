package org.apache.catalina.connector;

import org.apache.coyote.ProtocolHandler;

public class Connector {
  public native ProtocolHandler getProtocolHandler();
}
