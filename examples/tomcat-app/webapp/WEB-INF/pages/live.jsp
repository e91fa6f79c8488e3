<%@ page session="false" %>
<%@ include file="names.jspf" %>
<%-- Does not use the store: an outage of the store must not make the load balancer drop every server at once. --%>
{"status":"UP",<%= names %>}
