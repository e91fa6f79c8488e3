<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  byte[] body = "POST".equals(request.getMethod()) ? request.getInputStream().readNBytes(4096) : new byte[0];
  java.util.regex.Matcher found = java.util.regex.Pattern.compile("\"user\"\\s*:\\s*\"([^\"\\\\]{1,64})\"").matcher(new String(body, "UTF-8"));
  if (!found.find()) {
    response.setStatus(400);
%>
{"error":"user: a text of 1 to 64 characters",<%= names %>}
<%
    return;
  }
  // A new session at login: an id that an attacker planted before is worthless afterwards, and nothing is left of a session that
  // the store has lost.
  HttpSession before = request.getSession(false);
  if (before != null) before.invalidate();
  HttpSession user = request.getSession(true);
  user.setAttribute("user", found.group(1));
  user.setAttribute("count", Integer.valueOf(0));
%>
{"user":<%= json(found.group(1)) %>,<%= names %>}
