package org.apache.coyote;

public interface ProtocolHandler {
  void closeServerSocketGraceful();
}
