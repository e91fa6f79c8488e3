<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%
  int ms = number(request.getParameter("ms"), 30_000);
  Thread.sleep(ms);
%>
{"sleptMs":<%= ms %>,<%= names %>}
