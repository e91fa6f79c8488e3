<%@ page session="false" import="java.lang.management.ManagementFactory,java.util.*,javax.management.*,org.apache.catalina.connector.*,org.apache.catalina.realm.GenericPrincipal,shop.*" %><%
  HttpSession session = request.getSession(true);
  String name = request.getParameter("name");
  String item = request.getParameter("item");
  String wait = request.getParameter("waitMs");
  switch (request.getParameter("do")) {
    case "brief":
      session.setMaxInactiveInterval(Integer.parseInt(request.getParameter("seconds")));
      break;
    case "again":
      List<Object> list = (List<Object>) session.getAttribute(name);
      list.add(item);
      session.setAttribute(name, list);
      break;
    case "late":
      List<Object> held = (List<Object>) session.getAttribute(name);
      Thread.sleep(Long.parseLong(wait));
      held.add(item);
      return;
    case "dispatch":
      request.startAsync().dispatch("/cart.jsp?do=add&name=" + name + "&item=" + item);
      return;
    case "later":
      final List<Object> read = (List<Object>) session.getAttribute(name);
      final AsyncContext context = request.startAsync();
      new Thread(() -> {
        try { Thread.sleep(Long.parseLong(wait)); } catch (InterruptedException error) { }
        read.add(item);
        context.complete();
      }).start();
      return;
    case "slow":
      session.setAttribute("slow", new Slow());
      break;
    case "change":
      ((Slow) session.getAttribute("slow")).change("changed");
      break;
    case "wrapped":
      // As Spring Security and other filters do, and then a page is shown.
      ((Slow) session.getAttribute("slow")).change("changed");
      request.getRequestDispatcher("/cart.jsp?do=show").forward(request, new HttpServletResponseWrapper(response));
      return;
    case "log in":
      java.lang.reflect.Field own = RequestFacade.class.getDeclaredField("request");
      own.setAccessible(true);
      ((Request) own.get(request)).getSessionInternal().setPrincipal(new GenericPrincipal("ann", List.of("user")));
      break;
    case "log out":
      request.logout();
      break;
    case "who":
      out.print(request.getRemoteUser());
      return;
    case "replace":
      Thread.sleep(Long.parseLong(wait));
      session.setAttribute("slow", "replaced");
      break;
    case "odd":
      session.setAttribute("odd", new Odd());
      break;
    case "oddly":
      ((Odd) session.getAttribute("odd")).change();
      ((List<Object>) session.getAttribute("cart")).add(item);
      break;
    case "oddly set":
      // The object stays the attribute's, and another request may have changed it as well.
      ((Odd) session.getAttribute("odd")).change();
      try { session.setAttribute("odd", session.getAttribute("odd")); } catch (RuntimeException error) { out.print("not set "); }
      break;
    case "odd kind":
      ((Odd) session.getAttribute("odd")).change(item);
      for (String each : List.of("cart", "wishes")) ((List<Object>) session.getAttribute(each)).add(item);
      break;
    case "oddness":
      out.print(session.getAttribute("odd"));
      return;
    case "both":
      ((Slow) session.getAttribute("slow")).change("changed");
      for (String each : List.of("cart", "wishes")) ((List<Object>) session.getAttribute(each)).add(item);
      break;
    case "guarded":
      session.setAttribute("guarded", new Guarded());
      break;
    case "guarding":
      synchronized (Guarded.LOCK) {
        Thread.sleep(Long.parseLong(wait));
        out.print(session.getAttribute("guarded") != null);
      }
      return;
    case "guard":
      out.print(session.getAttribute("guarded") != null);
      return;
    case "interrupt":
      ((List<Object>) session.getAttribute(name)).add(item);
      Thread.currentThread().interrupt();
      return;
    case "at once":
      session.invalidate();
      out.print("ended");
      return;
    case "rename":
      request.changeSessionId();
      break;
    case "shy":
      List<Object> kept = (List<Object>) session.getAttribute(name);
      if (kept == null) session.setAttribute(name, kept = new ArrayList<>());
      else kept.add(new Shy());
      break;
    case "reload":
      MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
      ObjectName module = beans.queryNames(new ObjectName("Catalina:j2eeType=WebModule,*"), null).iterator().next();
      new Thread(() -> {
        try { Thread.sleep(300); beans.invoke(module, "reload", null, null); } catch (Exception error) { error.printStackTrace(); }
      }).start();
      return;
    case "heap":
      System.gc();
      out.print((Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / 1_000_000);
      return;
    case "bound":
      session.setAttribute(name, new Bound());
      break;
    case "unbound":
      if (item != null) session.removeAttribute(item);
      out.print(Bound.UNBOUND.get());
      return;
    case "many":
      int count = Integer.parseInt(request.getParameter("count"));
      int bytes = Integer.parseInt(request.getParameter("bytes"));
      for (int at = 0; at < count; at++) session.setAttribute("many" + at, new byte[bytes]);
      break;
    case "touch":
      for (int at = 0; session.getAttribute("many" + at) != null; at++) ((byte[]) session.getAttribute("many" + at))[0] = 1;
      break;
    case "touched":
      int touched = 0;
      for (int at = 0; session.getAttribute("many" + at) != null; at++) touched += ((byte[]) session.getAttribute("many" + at))[0];
      out.print(touched);
      return;
    default:
  }
  out.print(session.getAttribute("slow"));
%>
