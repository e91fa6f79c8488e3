<%@ page session="false" import="java.util.*" %><%
  // The session's attributes are lists: made once, and changed in place from then on.
  HttpSession session = request.getSession("begin".equals(request.getParameter("do")));
  if (session == null) {
    out.print("no session");
    return;
  }
  String name = request.getParameter("name");
  String item = request.getParameter("item");
  switch (request.getParameter("do")) {
    case "begin":
      session.setAttribute("cart", new ArrayList<>());
      session.setAttribute("wishes", new ArrayList<>());
      // It is in the list after the list was set.
      if (item != null) ((List<Object>) session.getAttribute("cart")).add(item);
      break;
    case "add":
      List<Object> list = (List<Object>) session.getAttribute(name);
      String wait = request.getParameter("waitMs");
      if (wait != null) Thread.sleep(Long.parseLong(wait));
      list.add(item);
      break;
    case "end":
      ((List<Object>) session.getAttribute(name)).add(item);
      session.invalidate();
      out.print("ended");
      return;
    case "rename":
      ((List<Object>) session.getAttribute(name)).add(item);
      request.changeSessionId();
      break;
    case "remove":
      session.removeAttribute(name);
      break;
    case "spoil":
      ((List<Object>) session.getAttribute(name)).add(new Thread());
      break;
    default:
  }
  out.print("cart=" + session.getAttribute("cart") + " wishes=" + session.getAttribute("wishes"));
%>
