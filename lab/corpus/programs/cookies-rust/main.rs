// A site on actix-session: GET / visits, POST /login gives a user a session, GET /account uses it, POST /logout ends it.
use actix_session::{
    config::{BrowserSession, CookieContentSecurity, PersistentSession, TtlExtensionPolicy},
    storage::CookieSessionStore,
    Session, SessionMiddleware,
};
use actix_web::{
    cookie::{time::Duration, Key, SameSite},
    web, App, HttpRequest, HttpServer,
};
use std::env;

async fn page(request: HttpRequest, session: Session) -> &'static str {
    match request.path() {
        "/" => session.insert("visits", 1).unwrap(),
        "/login" => {
            session.renew();
            session.insert("user", "ann").unwrap();
        }
        "/account" => {
            session.get::<String>("user").unwrap();
        }
        "/logout" => session.purge(),
        _ => (),
    }
    "shop"
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let variant = env::args().nth(2).unwrap();
    let port = env::var("PORT").unwrap().parse().unwrap();
    HttpServer::new(move || {
        let builder = SessionMiddleware::builder(CookieSessionStore::default(), Key::from(&[7; 64]));
        let age = Duration::minutes(30);
        let builder = match variant.as_str() {
            "hardened" => builder
                .cookie_name("__Host-SID".into())
                .cookie_same_site(SameSite::Strict)
                .cookie_content_security(CookieContentSecurity::Signed)
                .session_lifecycle(BrowserSession::default()),
            "aged" => builder.session_lifecycle(PersistentSession::default().session_ttl(age)),
            "rolling" => builder.session_lifecycle(
                PersistentSession::default().session_ttl(age).session_ttl_extension_policy(TtlExtensionPolicy::OnEveryRequest),
            ),
            _ => builder,
        };
        App::new().wrap(builder.build()).default_service(web::to(page))
    })
    .workers(1)
    .bind(("127.0.0.1", port))?
    .run()
    .await
}
