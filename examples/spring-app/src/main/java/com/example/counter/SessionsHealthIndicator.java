package com.example.counter;

import java.util.UUID;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.session.Session;
import org.springframework.stereotype.Component;

/**
 * UP when a session can be saved and read: the user's permissions, the key prefix and the serializer included. Spring Boot's own
 * indicator asks for INFO, which a user without access to a single key may send too.
 */
@Component("sessions")
class SessionsHealthIndicator<S extends Session> extends AbstractHealthIndicator {
  private static final String ATTRIBUTE = "health";

  private final FindByIndexNameSessionRepository<S> sessions;
  /** One session of this server, so that checks do not fill the store. */
  private String id = "";

  SessionsHealthIndicator(FindByIndexNameSessionRepository<S> sessions) {
    this.sessions = sessions;
  }

  @Override
  protected synchronized void doHealthCheck(Health.Builder health) {
    var found = sessions.findById(id);
    var session = found == null ? sessions.createSession() : found;
    id = session.getId();
    var written = UUID.randomUUID().toString();
    session.setAttribute(ATTRIBUTE, written);
    sessions.save(session);
    var saved = sessions.findById(id);
    if (saved == null || !written.equals(saved.getAttribute(ATTRIBUTE))) health.down().withDetail("error", "a saved session was not read back");
    else health.up();
  }
}
