<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  HttpSession user = request.getSession(false);
  if (user == null || user.getAttribute("user") == null) {
    response.setStatus(401);
%>
{"error":"not logged in",<%= names %>}
<%
    return;
  }
  // A slow one changes a session that may end meanwhile.
  Thread.sleep(number(request.getParameter("ms"), 30_000));
  Integer count;
  String name;
  try {
    name = json(user.getAttribute("user"));
    count = (Integer) user.getAttribute("count") + 1;
    // Redisson saves it before this returns: every count that a user has seen is in the store.
    user.setAttribute("count", count);
  } catch (IllegalStateException | NullPointerException ended) {
    // Its user logged out meanwhile, on this server or on another one.
    response.setStatus(401);
%>
{"error":"not logged in",<%= names %>}
<%
    return;
  }
%>
{"user":<%= name %>,"count":<%= count %>,<%= names %>}
