package org.apache.catalina.ha.session;

import org.apache.catalina.session.StandardSession;

public abstract class DeltaSession extends StandardSession {
  public native boolean isPrimarySession();
}
