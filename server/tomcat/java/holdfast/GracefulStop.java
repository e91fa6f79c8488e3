package holdfast;

import java.util.concurrent.TimeUnit;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.Service;
import org.apache.catalina.connector.Connector;

/**
 * Closes the port to new connections before the service stops, and waits until no request is in flight. Tomcat's own
 * gracefulStopAwaitMillis waits for the end of every connection, so that those that the load balancer keeps open, idle, make
 * each stop as long as it may be.
 */
public class GracefulStop implements LifecycleListener {
  private static final long POLL_MS = 20;
  private long waitMs = 20_000;

  public void setWaitMs(long milliseconds) {
    waitMs = milliseconds;
  }

  @Override
  public void lifecycleEvent(LifecycleEvent event) {
    if (!Lifecycle.BEFORE_STOP_EVENT.equals(event.getType())) return;
    for (Connector connector : ((Service) event.getLifecycle()).findConnectors()) {
      connector.getProtocolHandler().closeServerSocketGraceful();
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
    try {
      while (RequestCounts.MAIN.inFlight.get() > 0 && System.nanoTime() < end) Thread.sleep(POLL_MS);
    } catch (InterruptedException stopNow) {
      Thread.currentThread().interrupt();
    }
    int cut = RequestCounts.MAIN.inFlight.get();
    if (cut > 0) System.err.println("holdfast: " + cut + " requests were in flight for longer than " + waitMs + " ms after the stop, and are cut.");
  }
}
