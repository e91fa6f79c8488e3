/**
 * Parts of a path that say nothing of a user: all that a server's answer may name, besides words of the release's contract. The document
 * read-logs has the same list, and a test compares them.
 */
export const PATH_WORDS: ReadonlySet<string> = new Set(
  `
about account accounts action actuator admin ads api app apps article articles asset assets auth authenticate
authorize basket billing blog browse callback cart catalog categories category chat check checkout comment comments
confirm contact content count css customer customers dashboard data delete detail details docs download downloads edit
en error events export faq favicon.ico feed file files forgot fonts forum graphql group groups health healthz help
history home images img import index index.html index.jsp info internal invoice invoices item items job jobs js json
jsp legal list live livez login logout mail me media messages metrics mobile new news notifications oauth oauth2
offers order orders page pages password pay payment payments ping photos post posts preferences pricing privacy
product products profile public queue ready readyz register report reports reset rest review reviews robots.txt rss
saml save search secure send service services session sessions settings shipping shop signin signout signup
sitemap.xml slow socket sso start static stats status store stream submit subscribe support tag tags tasks terms test
tickets token tools track update upload uploads user users v1 v2 v3 v4 verify version view web webhook websocket
welcome wishlist ws xml
`
    .trim()
    .split(/\s+/),
);
