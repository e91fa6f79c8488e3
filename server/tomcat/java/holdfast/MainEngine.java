package holdfast;

import java.util.ArrayList;
import java.util.List;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Engine;

/** The engine of the application, for the valves of another one. */
final class MainEngine {
  private static volatile Engine started;

  private MainEngine() {}

  /** @param engine with applications that have started */
  static void set(Engine engine) {
    started = engine;
  }

  /** What the ids of this server's sessions end in; null before the start. */
  static String route() {
    return started == null ? null : started.getJvmRoute();
  }

  static List<Context> applications() {
    List<Context> found = new ArrayList<>();
    if (started == null) return found;
    for (Container host : started.findChildren()) {
      for (Container context : host.findChildren()) found.add((Context) context);
    }
    return found;
  }

  /** Name of an application that does not serve requests; null if all do. */
  static String unavailable() {
    List<Context> applications = applications();
    if (applications.isEmpty()) return "none has started";
    for (Context context : applications) {
      if (!context.getState().isAvailable()) return nameOf(context);
    }
    return null;
  }

  /** The application at the path / has no name. */
  static String nameOf(Container context) {
    return context.getName().isEmpty() ? "ROOT" : context.getName();
  }
}
