package shop;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.annotation.WebListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.util.List;

/** Changes the session before the first filter and after the last one, of requests that ask for it. */
@WebListener
public class Visits implements ServletRequestListener {
  @Override
  public void requestInitialized(ServletRequestEvent event) {
    add(event.getServletRequest(), "before");
  }

  @Override
  public void requestDestroyed(ServletRequestEvent event) {
    add(event.getServletRequest(), "after");
  }

  @SuppressWarnings("unchecked")
  private static void add(ServletRequest request, String item) {
    if (!"visit".equals(((HttpServletRequest) request).getQueryString())) return;
    HttpSession session = ((HttpServletRequest) request).getSession(false);
    if (session != null) ((List<Object>) session.getAttribute("cart")).add(item);
  }
}
