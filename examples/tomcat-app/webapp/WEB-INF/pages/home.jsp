<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  response.setContentType("text/html; charset=UTF-8");
  HttpSession user = request.getSession(false);
  boolean known = user != null && user.getAttribute("user") != null;
%>
<!doctype html><html lang="en"><meta charset="utf-8"><title>Counter</title><h1>Counter</h1>
<p><%= known ? "Logged in, count " + user.getAttribute("count") : "Not logged in" %></p>
<p><small>version <%= application.getInitParameter("version") %> on <%= server %></small></p></html>
