use std::{env, sync::Arc};
use time::Duration;
use tower_sessions::{Expiry, Session};
use tower_sessions_redis_store::{fred::prelude::*, RedisStore};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let config = Config::from_url(&format!("redis://127.0.0.1:{}", env::var("CORPUS_PORT")?))?;
    let pool = Pool::new(config, None, None, None, 1)?;
    pool.init().await?;
    let store = Arc::new(RedisStore::new(pool));
    let open = |seconds| Session::new(None, store.clone(), Some(Expiry::OnInactivity(Duration::seconds(seconds))));

    let ann = open(1_800);
    ann.insert("user", "ann").await?;
    ann.save().await?;
    ann.insert("user", "ann, again").await?;
    ann.save().await?;
    let id = ann.id().ok_or("no id")?;
    println!("id base64url {id}");
    let bytes = id.0.to_be_bytes();
    println!("id bytes {}", bytes.map(|byte| format!("{byte:02x}")).concat());

    let ben = open(1_800);
    ben.insert("user", "ben").await?;
    ben.save().await?;
    ben.flush().await?;

    let old = open(1);
    old.insert("user", "eve").await?;
    old.save().await?;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    Ok(())
}
