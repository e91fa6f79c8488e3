use actix_session::{config::PersistentSession, storage::RedisSessionStore, Session, SessionMiddleware};
use actix_web::{cookie::{time::Duration, Key}, test, web, App};
use std::{env, io::{Read, Write}, net::TcpStream};

async fn login(session: Session) -> &'static str {
    session.insert("user", "ann").unwrap();
    "ok"
}

async fn visit(session: Session) -> &'static str {
    session.insert("visits", 1).unwrap();
    "ok"
}

async fn logout(session: Session) -> &'static str {
    session.purge();
    "ok"
}

#[actix_web::main]
async fn main() {
    let store = RedisSessionStore::new(format!("redis://127.0.0.1:{}", env::var("CORPUS_PORT").unwrap())).await.unwrap();
    for (seconds, path) in [(3_600, "/use"), (3_600, "/logout"), (1, "")] {
        let middleware = SessionMiddleware::builder(store.clone(), Key::from(&[7; 64]))
            .session_lifecycle(PersistentSession::default().session_ttl(Duration::seconds(seconds)))
            .build();
        let app = test::init_service(
            App::new()
                .wrap(middleware)
                .route("/login", web::get().to(login))
                .route("/use", web::get().to(visit))
                .route("/logout", web::get().to(logout)),
        )
        .await;
        let response = test::call_service(&app, test::TestRequest::get().uri("/login").to_request()).await;
        let cookie = response.response().cookies().next().unwrap().into_owned();
        if path.is_empty() {
            continue;
        }
        test::call_service(&app, test::TestRequest::get().uri(path).cookie(cookie).to_request()).await;
    }
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    // Its ids are in a cookie that is encrypted: the store has the one that is left.
    let mut connection = TcpStream::connect(("127.0.0.1", env::var("CORPUS_PORT").unwrap().parse().unwrap())).unwrap();
    connection.write_all(b"KEYS *\r\nQUIT\r\n").unwrap();
    let mut reply = String::new();
    connection.read_to_string(&mut reply).unwrap();
    for key in reply.lines().filter(|line| line.len() == 64) {
        println!("id alnum {key}");
    }
}
