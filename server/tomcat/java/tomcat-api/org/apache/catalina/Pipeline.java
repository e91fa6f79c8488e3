package org.apache.catalina;

public interface Pipeline {
  Valve[] getValves();
  void addValve(Valve valve);
  void removeValve(Valve valve);
}
