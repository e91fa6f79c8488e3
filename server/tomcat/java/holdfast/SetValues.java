package holdfast;

import java.lang.reflect.Field;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.session.StandardSession;
import org.redisson.tomcat.RedissonSession;

/**
 * What was set in sessions here, which Tomcat and Redisson keep for as long as a session lasts: memory of a server that no request reads, since
 * the store has it. Listeners of the application are told of a value that goes, and those values stay.
 */
final class SetValues {
  private static final Class<?> BINDING = servletClass("HttpSessionBindingListener");
  private static final Class<?> ATTRIBUTES = servletClass("HttpSessionAttributeListener");
  /** Is private. Null in a Redisson without it. */
  private static final Field UPDATED = updatedAttributes();

  private SetValues() {}

  /** Forgets them, once no request has the session. */
  static void forget(RedissonSession session, Map<String, Object> ofTomcat, Context context) {
    try {
      if (UPDATED != null) ((Map<?, ?>) UPDATED.get(session)).clear();
    } catch (IllegalAccessException | RuntimeException kept) {
      // They stay in memory, as without this.
    }
    if (BINDING == null || ATTRIBUTES == null || hasListener(context)) return;
    ofTomcat.values().removeIf(value -> !BINDING.isInstance(value));
  }

  private static boolean hasListener(Context context) {
    for (Object each : context.getApplicationEventListeners()) if (ATTRIBUTES.isInstance(each)) return true;
    return false;
  }

  private static Class<?> servletClass(String name) {
    for (String servlets : new String[] {"jakarta", "javax"}) {
      try {
        return Class.forName(servlets + ".servlet.http." + name, false, StandardSession.class.getClassLoader());
      } catch (ClassNotFoundException | LinkageError another) {
        // The other Tomcat's.
      }
    }
    return null;
  }

  private static Field updatedAttributes() {
    try {
      Field field = RedissonSession.class.getDeclaredField("updatedAttributes");
      field.setAccessible(true);
      return field;
    } catch (ReflectiveOperationException | RuntimeException another) {
      return null;
    }
  }
}
