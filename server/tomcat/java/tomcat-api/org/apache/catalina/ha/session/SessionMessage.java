package org.apache.catalina.ha.session;

public interface SessionMessage {}
