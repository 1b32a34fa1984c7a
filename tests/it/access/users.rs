//! Accounts through the program.

use std::path::{Path, PathBuf};

use crate::support_cli::Site;

/// A file with these words, and its path.
fn kept(site: &Site, name: &str, text: &str) -> String {
    site.write(name, text).display().to_string()
}

fn done(site: &Site, arguments: &[&str]) -> String {
    site.run(arguments).ended(0).text()
}

/// Users as the program lists them, without times.
fn users(site: &Site) -> Vec<String> {
    let text = done(site, &["user", "list", "--format", "csv"]);
    text.lines().skip(1).map(|line| line.split(',').take(6).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn users_are_added_granted_disabled_and_listed() {
    let site = Site::new();
    assert_eq!(users(&site), Vec::<String>::new());
    let password = kept(&site, "password", "correct horse battery\n");
    done(
        &site,
        &["user", "add", "ann", "--role", "district", "--scope", "113200000", "--password-file", &password],
    );
    done(&site, &["user", "add", "robot", "--role", "researcher"]);
    let key = done(&site, &["user", "key", "robot", "--days", "30"]);
    assert!(key.starts_with("bilimkey.") && key.trim().len() > 80, "{key}");
    assert_eq!(users(&site), ["ann district 113200000 yes 0 active", "robot researcher  no 1 active"]);
    done(&site, &["user", "grant", "ann", "--role", "region", "--scope", "11"]);
    done(&site, &["user", "password", "ann", "--password-file", &password]);
    done(&site, &["user", "disable", "robot"]);
    assert_eq!(users(&site), ["ann region 11 yes 0 active", "robot researcher  no 0 disabled"]);
    // Neither the password nor the secret of the key is in the lake, and no lake version names the area.
    let secret = key.trim().rsplit_once('.').unwrap().1;
    let (mut accounts, mut named) = (0, 0);
    for path in files(&site.lake()) {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("correct horse battery") && !text.contains(secret), "{}", path.display());
        let is_account = path.components().any(|part| part.as_os_str() == "auth");
        accounts += usize::from(is_account);
        named += usize::from(!is_account && text.contains("argon2id"));
    }
    assert!(accounts >= 6 && named == 0, "{accounts} {named}");
}

#[test]
fn what_cannot_be_a_user_is_refused() {
    let site = Site::new();
    let password = kept(&site, "password", "correct horse battery\n");
    let short = kept(&site, "short", "short\n");
    let refused = |args: &[&str], word: &str| {
        let text = site.run(args).ended(2).err;
        assert!(text.contains(word), "{args:?}: {text}");
    };
    refused(&["user", "add", "ann", "--role", "king"], "none of ministry");
    refused(&["user", "add", "ann", "--role", "district"], "needs the code");
    refused(&["user", "add", "ann", "--role", "district", "--scope", "11"], "no code of a district");
    refused(&["user", "add", "ann", "--role", "ministry", "--scope", "11"], "takes no code");
    refused(&["user", "add", "a b", "--role", "public"], "letters, digits");
    refused(&["user", "add", "ann", "--role", "public", "--password-file", &short], "at least 12");
    refused(&["user", "key", "nobody"], "no user nobody");
    refused(&["user", "disable", "nobody"], "no user nobody");
    done(&site, &["user", "add", "ann", "--role", "public", "--password-file", &password]);
    refused(&["user", "add", "ann", "--role", "public"], "already");
    site.run(&["user", "add", "bob", "--role", "public", "--password-file", "/nowhere"]).ended(3);
    // There is no first administrator to make any more, and no token was ever shown.
    let token = kept(&site, "token", &"0".repeat(64));
    let claim = ["user", "claim", "root", "--token-file", &token, "--password-file", &password];
    assert!(site.run(&claim).ended(4).err.contains("token"));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
