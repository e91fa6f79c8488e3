<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  // Writes a session as a user's would be, and ends it: a store that refuses the write throws, and the answer is a 500.
  HttpSession probe = request.getSession(true);
  probe.setMaxInactiveInterval(60);
  probe.setAttribute("probe", Long.valueOf(System.currentTimeMillis()));
  boolean kept = probe.getAttribute("probe") != null;
  probe.invalidate();
  if (!kept) response.setStatus(503);
%>
{"status":"<%= kept ? "UP" : "DOWN" %>",<%= names %>}
