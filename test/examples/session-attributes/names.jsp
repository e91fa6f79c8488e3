<%@ page session="false" import="java.util.*" %><%
  out.print(new TreeSet<>(Collections.list(request.getSession(false).getAttributeNames())));
%>
