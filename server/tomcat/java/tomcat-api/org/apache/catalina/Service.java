package org.apache.catalina;

import org.apache.catalina.connector.Connector;

public interface Service extends Lifecycle {
  Connector[] findConnectors();
}
