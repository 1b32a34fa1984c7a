//! `bilim user`: who may sign in to the server. Whoever has the lake itself may do all of this.

use std::path::Path;

use chrono::{SecondsFormat, TimeDelta};
use zeroize::Zeroizing;

use super::args::{GrantArgs, UserCommand};
use super::context::Context;
use super::error::CliError;
use super::output;
use crate::server::auth::{Accounts, NewUser, UserInfo};
use crate::session::Role;

/// Longest file that holds a password or a token, in bytes.
const MAX_SECRET_BYTES: u64 = 4096;

pub async fn run(context: &Context, command: UserCommand) -> Result<u8, CliError> {
    let lake = context.open_lake().await?;
    let accounts = Accounts::open(&lake, context.accounts_options()).await?;
    match command {
        UserCommand::Add { user, password_file } => {
            let password = password_file.as_deref().map(|path| secret(context, path)).transpose()?;
            let has_password = password.is_some();
            accounts.add(new_user(&user)?, password).await?;
            context.note(&format!("{} is a user of the role {}", user.name, user.role));
            if !has_password {
                context.note("without a password: `bilim user key` makes a key for it, or an identity provider knows it");
            }
        }
        UserCommand::Grant(user) => {
            accounts.grant(new_user(&user)?).await?;
            context.note(&format!("{} has the role {} now; its tokens have ended", user.name, user.role));
        }
        UserCommand::Password { name, password_file } => {
            accounts.set_password(&name, secret(context, &password_file)?).await?;
            context.note(&format!("{name} has another password; its tokens have ended"));
        }
        UserCommand::Key { name, days } => {
            let key = accounts.key(&name, TimeDelta::days(i64::from(days))).await?;
            output::line(context, &key)?;
            context.note(&format!("a key of {name}, good for {days} days; it is shown this once"));
        }
        UserCommand::Disable { name } => {
            accounts.disable(&name).await?;
            context
                .note(&format!("{name} cannot sign in any more: its password, keys and tokens have ended"));
        }
        UserCommand::Claim { name, token_file, password_file } => {
            let token = secret(context, &token_file)?;
            accounts.claim(&token, &name, secret(context, &password_file)?).await?;
            context.note(&format!("{name} is the first administrator; the token is used up"));
        }
        UserCommand::List => {
            let header = ["name", "role", "scope", "password", "keys", "state", "created at", "changed at"];
            let users = accounts.list().await?;
            output::list(context, &header, users.iter().map(row).collect()).await?;
        }
    }
    Ok(0)
}

fn new_user(user: &GrantArgs) -> Result<NewUser<'_>, CliError> {
    let role: Role = user.role.parse().map_err(|error| CliError::Usage(format!("{error}")))?;
    Ok(NewUser { name: &user.name, role, scope: user.scope.as_deref() })
}

fn row(user: &UserInfo) -> Vec<String> {
    let time = |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    vec![
        user.name.clone(),
        user.role.clone(),
        user.scope.clone().unwrap_or_default(),
        if user.has_password { "yes" } else { "no" }.to_owned(),
        user.key_count.to_string(),
        if user.is_disabled { "disabled" } else { "active" }.to_owned(),
        time(user.created_at),
        time(user.changed_at),
    ]
}

/// The first line of a file.
fn secret(context: &Context, path: &Path) -> Result<Zeroizing<String>, CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let found = std::fs::metadata(path).map_err(failed)?;
    if found.len() > MAX_SECRET_BYTES {
        let text = format!("{}: a file of a password has at most {MAX_SECRET_BYTES} bytes", path.display());
        return Err(CliError::Usage(text));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if found.permissions().mode() & 0o077 != 0 {
            context.note(&format!("{} can be read by others than its owner: chmod 600", path.display()));
        }
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}
