<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  HttpSession user = request.getSession(false);
  if (user != null) user.invalidate();
  response.setStatus(204);
%>
