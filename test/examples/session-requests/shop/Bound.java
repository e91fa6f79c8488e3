package shop;

import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts on this server the values that a session let go. */
public class Bound implements HttpSessionBindingListener, Serializable {
  public static final AtomicInteger UNBOUND = new AtomicInteger();
  private static final long serialVersionUID = 1L;

  @Override
  public void valueUnbound(HttpSessionBindingEvent event) {
    UNBOUND.incrementAndGet();
  }
}
