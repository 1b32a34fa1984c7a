//! `bilim serve`: the lake over Flight SQL.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tracing_subscriber::EnvFilter;

use super::args::ServeArgs;
use super::context::Context;
use super::error::CliError;
use crate::lake::Lake;
use crate::server::auth::{Accounts, AccountsOptions};
use crate::server::{self, Addresses, Listen, ServerError, Site, TlsFiles};

const DAY: Duration = Duration::from_hours(24);

/// What is logged unless `BILIM_LOG` says otherwise.
const LOG: &str = "warn,bilim=info,datafusion_common=error";

pub async fn run(context: &Context, args: ServeArgs) -> Result<u8, CliError> {
    log();
    let lake = context.open_lake().await?;
    let audit = match args.audit {
        Some(folder) => folder,
        None => audit_folder(&lake)?,
    };
    let tls = match (args.tls_cert, args.tls_key) {
        (Some(certificate), Some(key)) => {
            Some(TlsFiles { certificate, key, client_roots: args.tls_client_ca })
        }
        _ => None,
    };
    let listen = Listen { flight: args.flight, http: args.http, tls, may_be_plaintext: args.plaintext };
    // Before the token of the first administrator is shown: it is shown once.
    listen.check()?;
    let users = Arc::new(users(context, &lake).await?);
    let maintaining = tokio::spawn(maintain(Arc::clone(&users)));
    let site = Site {
        config: context.config.clone(),
        definitions: Arc::clone(&context.definitions),
        runtime: context.runtime(),
        users,
        lake,
        audit,
    };
    let ready_file = args.ready_file;
    let serving = server::serve(site, listen, |addresses| {
        context.note(&format!("Flight SQL on {}", uri(addresses.flight, addresses)));
        if let Some(http) = addresses.http {
            context.note(&format!("/livez, /readyz, /metrics on {http}"));
        }
        ready_file.as_deref().map_or(Ok(()), |path| write_ready(path, addresses))
    });
    let served = Box::pin(serving).await;
    maintaining.abort();
    served?;
    Ok(0)
}

/// Another signing key when the one in use is old: looked at once a day for as long as the server runs.
async fn maintain(users: Arc<Accounts>) {
    loop {
        if let Err(error) = users.maintain().await {
            tracing::warn!(error = %crate::error::chain(&error), "signing keys cannot be looked after");
        }
        tokio::time::sleep(DAY).await;
    }
}

/// The accounts of the lake. Where there are none yet, the way for the first administrator is told, once.
async fn users(context: &Context, lake: &Lake) -> Result<Accounts, CliError> {
    let options = AccountsOptions { oidc: context.oidc.clone(), ..context.accounts_options() };
    let accounts = Accounts::open(lake, options).await?;
    if let Some(token) = accounts.begin().await? {
        eprintln!(
            "nobody can sign in yet. Keep this token in a file, it is shown this once, and make the first \
             administrator with it:\n  {}\n  bilim user claim NAME --token-file FILE --password-file FILE",
            token.as_str()
        );
    }
    Ok(accounts)
}

/// Structured lines on stderr; the log of what happens, not of what was answered, which is the audit log.
fn log() {
    let filter = EnvFilter::try_from_env("BILIM_LOG").unwrap_or_else(|_| EnvFilter::new(LOG));
    let lines = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr);
    // A second server in one process logs where the first one does.
    let _ = lines.try_init();
}

/// Beside the lake's tables, where only its owner reads.
pub fn audit_folder(lake: &Lake) -> Result<PathBuf, CliError> {
    let root = lake.root();
    if root.is_dir() { Ok(root.join("audit")) } else { Err(ServerError::NoAuditFolder.into()) }
}

fn uri(address: std::net::SocketAddr, addresses: Addresses) -> String {
    format!("{}://{address}", if addresses.is_encrypted { "grpc+tls" } else { "grpc" })
}

/// Under its name only when it is whole: who waits for the file reads it at once.
fn write_ready(path: &Path, addresses: Addresses) -> std::io::Result<()> {
    let text = json!({
        "flight": addresses.flight.to_string(),
        "flight_uri": uri(addresses.flight, addresses),
        "http": addresses.http.map(|http| http.to_string()),
    });
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{text}")?;
    file.persist(path)?;
    Ok(())
}
