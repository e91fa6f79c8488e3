package holdfast;

import java.lang.reflect.Method;
import org.apache.catalina.Context;
import org.apache.catalina.Manager;
import org.apache.catalina.Session;
import org.apache.catalina.session.StandardSession;

/** Whether an application's session manager keeps sessions: begins one, writes to it, reads it, and ends it. */
final class SessionCheck {
  private static final String ATTRIBUTE = "holdfast.readiness";
  /** A session that could not be ended is gone soon. */
  private static final int LIFETIME_SECONDS = 60;

  private SessionCheck() {}

  /**
   * @return what is wrong; null if nothing is
   * @throws Exception the manager's own
   */
  static String problemOf(Context context) throws Exception {
    Manager manager = context.getManager();
    if (manager == null) return null;
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // Listeners of the application, and the manager's serialisation, expect it.
    thread.setContextClassLoader(context.getLoader().getClassLoader());
    try {
      return problemOf(manager);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static String problemOf(Manager manager) throws Exception {
    Session session = manager.createSession(null);
    String id = session.getIdInternal();
    boolean kept;
    try {
      session.setMaxInactiveInterval(LIFETIME_SECONDS);
      SessionOrigin.noteOwn(session);
      Long value = Long.valueOf(System.nanoTime());
      ((StandardSession) session).setAttribute(ATTRIBUTE, value);
      forgetCopy(manager, session);
      Session found = manager.findSession(id);
      kept = found != null && value.equals(((StandardSession) found).getAttribute(ATTRIBUTE));
      if (found != null) session = found;
    } finally {
      session.expire();
    }
    if (!kept) return "a session that was written was not found again";
    return manager.findSession(id) == null ? null : "a session that was ended was found again";
  }

  /**
   * Writes a session of Redisson's to the store, as the end of a request does, and removes this server's copy, so that it is read from
   * the store. By reflection: without Redisson a session is in memory alone.
   */
  private static void forgetCopy(Manager manager, Session session) throws Exception {
    Method save;
    Method forget;
    try {
      save = session.getClass().getMethod("save");
      forget = manager.getClass().getMethod("superRemove", Session.class);
    } catch (NoSuchMethodException inMemory) {
      return;
    }
    save.invoke(session);
    forget.invoke(manager, session);
  }
}
