package holdfast;

import org.apache.catalina.Container;
import org.apache.catalina.Engine;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;

/**
 * Ends Tomcat when the application did not deploy: Tomcat itself would go on, and answer every request with 404. It acts
 * before the connectors listen. systemd starts the server again, so that one whose database came late recovers.
 */
public class DeployGuard implements LifecycleListener {
  private static final int EXIT_CODE = 1;

  @Override
  public void lifecycleEvent(LifecycleEvent event) {
    if (!Lifecycle.AFTER_START_EVENT.equals(event.getType())) return;
    int started = 0;
    for (Container host : ((Engine) event.getLifecycle()).findChildren()) {
      for (Container context : host.findChildren()) {
        if (!context.getState().isAvailable()) {
          fail("The application did not start in Tomcat (" + MainEngine.nameOf(context) + "): its error is in the lines above, at SEVERE.");
        }
        started += 1;
      }
    }
    if (started == 0) fail("Tomcat found no application in the release's folder webapps.");
    MainEngine.set((Engine) event.getLifecycle());
  }

  private static void fail(String sentence) {
    System.err.println("holdfast: " + sentence + " Tomcat was stopped.");
    System.err.flush();
    // The process is halted, because the hook of an exit stops the server, and would wait for this very start to end.
    Runtime.getRuntime().halt(EXIT_CODE);
  }
}
